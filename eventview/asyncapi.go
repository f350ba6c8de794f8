package eventview

import (
	"strings"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// The document is AsyncAPI 3.0.0 with version 0.3.0 of the AMQP bindings, see
// https://www.asyncapi.com/docs/reference/specification/v3.0.0 and https://github.com/asyncapi/bindings/tree/master/amqp.
const (
	asyncAPIVersion = "3.0.0"
	bindingVersion  = "0.3.0"
)

func (m *model) asyncAPI() []byte {
	b := &builder{make([]byte, 0, 2*m.size()+2000*len(m.events))}
	b.open('{')
	b.text("asyncapi", asyncAPIVersion)
	b.object("info")
	b.text("title", m.service.Title)
	b.text("version", m.service.Version)
	b.text("description", m.service.Description)
	b.close('}')
	b.text("defaultContentType", "application/json")

	b.object("channels")
	for _, e := range m.published {
		b.routingKey(e)
	}
	for _, q := range m.queues {
		b.queue(q)
	}
	b.close('}')

	b.object("operations")
	for _, e := range m.published {
		b.send(e)
	}
	for _, q := range m.queues {
		b.receive(q)
	}
	b.close('}')

	b.object("components")
	b.object("messages")
	for _, e := range m.events {
		b.message(e)
	}
	b.close('}')
	b.object("schemas")
	for _, e := range m.events {
		b.key(e.id)
		b.schema(e)
	}
	b.close('}')
	b.close('}')
	b.close('}')
	return b.buf
}

// routingKey is the channel of an event that the service publishes.
func (b *builder) routingKey(e *event) {
	b.object(e.id)
	b.text("address", e.Name)
	b.channelMessages([]*event{e})
	b.amqp()
	b.text("is", "routingKey")
	b.object("exchange")
	b.text("name", e.Exchange)
	b.text("type", "topic")
	b.raw("durable", "true")
	b.raw("autoDelete", "false")
	b.close('}')
	b.closeAMQP()
	b.close('}')
}

// queue is the channel of a queue that the service consumes.
func (b *builder) queue(q *queue) {
	b.object(q.id)
	b.text("address", q.Queue)
	b.channelMessages(q.events)
	b.amqp()
	b.text("is", "queue")
	b.object("queue")
	b.text("name", q.Queue)
	b.raw("durable", "true")
	b.raw("exclusive", "false")
	b.raw("autoDelete", "false")
	if q.QueueType != eventbus.ClassicQueue {
		b.text("x-queue-type", q.QueueType)
	}
	b.close('}')
	b.closeAMQP()
	b.key("x-bound-to")
	b.open('[')
	for _, binding := range q.Bindings {
		b.open('{')
		b.text("exchange", binding.Exchange)
		b.text("routingKey", binding.Key)
		b.close('}')
	}
	b.close(']')
	b.close('}')
}

func (b *builder) channelMessages(events []*event) {
	b.object("messages")
	for _, e := range events {
		b.ref(e.id, "#/components/messages/"+e.id)
	}
	b.close('}')
}

func (b *builder) amqp() {
	b.object("bindings")
	b.object("amqp")
}

func (b *builder) closeAMQP() {
	b.text("bindingVersion", bindingVersion)
	b.close('}')
	b.close('}')
}

func (b *builder) send(e *event) {
	b.object("send." + e.id)
	b.text("action", "send")
	b.ref("channel", "#/channels/"+e.id)
	b.text("summary", e.Summary)
	b.operationMessages(e.id, []*event{e})
	b.amqp()
	b.raw("deliveryMode", "2") // persistent, unless the publisher was told otherwise
	b.raw("timestamp", "true")
	b.closeAMQP()
	b.close('}')
}

func (b *builder) receive(q *queue) {
	b.object("receive." + q.id)
	b.text("action", "receive")
	b.ref("channel", "#/channels/"+q.id)
	b.operationMessages(q.id, q.events)
	b.amqp()
	b.raw("ack", "true")
	b.closeAMQP()
	b.close('}')
}

func (b *builder) operationMessages(channel string, events []*event) {
	b.key("messages")
	b.open('[')
	for _, e := range events {
		b.open('{')
		b.text("$ref", "#/channels/"+channel+"/messages/"+e.id)
		b.close('}')
	}
	b.close(']')
}

func (b *builder) message(e *event) {
	b.object(e.id)
	b.text("name", e.Name)
	b.text("summary", e.Summary)
	b.text("description", e.text())
	b.text("contentType", "application/json")
	b.ref("payload", "#/components/schemas/"+e.id)
	if len(e.examples) > 0 {
		b.key("examples")
		b.open('[')
		for _, text := range e.examples {
			b.open('{')
			b.raw("payload", string(text))
			b.close('}')
		}
		b.close(']')
	}
	if e.Deprecated != "" {
		b.raw("deprecated", "true")
	}
	b.text("x-since", e.Since)
	b.text("x-exchange", e.Exchange)
	b.close('}')
}

// schema writes the schema of a payload. Components of the document are objects: true and false are spelt out.
func (b *builder) schema(e *event) {
	start := len(b.buf)
	b.buf = e.schema.Append(b.buf, "#/components/schemas/"+e.id)
	switch string(b.buf[start:]) {
	case "true":
		b.buf = append(b.buf[:start], "{}"...)
	case "false":
		b.buf = append(b.buf[:start], `{"not":{}}`...)
	}
}

// text is the description, with the reason of a deprecation.
func (e *event) text() string {
	if e.Deprecated == "" {
		return e.Description
	}
	return strings.TrimSpace(e.Description + "\n\nDeprecated: " + e.Deprecated)
}
