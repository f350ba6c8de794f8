package contract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

func (p *parser) operation(raw json.RawMessage) error {
	raw, _, err := p.follow(raw)
	if err != nil {
		return err
	}
	if raw, err = p.withTraits(raw); err != nil {
		return err
	}
	var op struct {
		Action   string            `json:"action"`
		Channel  json.RawMessage   `json:"channel"`
		Messages []json.RawMessage `json:"messages"`
		Reply    json.RawMessage   `json:"reply"`
	}
	if err := json.Unmarshal(raw, &op); err != nil {
		return fmt.Errorf("it is not as AsyncAPI says: %w", err)
	}
	action := sent
	switch op.Action {
	case "send":
	case "receive":
		action = received
	default:
		return fmt.Errorf("action is %q; it is send or receive", op.Action)
	}
	channel, _, err := p.follow(op.Channel)
	if err != nil {
		return fmt.Errorf("channel: %w", err)
	}
	name, address := channelName(channel)
	if action == received {
		address = ""
	}
	around, err := p.parts(raw, channel)
	if err != nil {
		return err
	}
	if bound := member(channel, "x-bound-to"); action == received && bound != nil {
		p.bind(name, bound)
	}
	if err := p.all(key{action: action, channel: name, address: address}, op.Messages, channel, around); err != nil {
		return err
	}
	if op.Reply == nil {
		return nil
	}
	if err := p.reply(op.Reply, action, name); err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	return nil
}

// all reads the messages of an operation or a reply; where it lists none, they are all those of the channel.
func (p *parser) all(k key, messages []json.RawMessage, channel json.RawMessage, around []part) error {
	if messages == nil {
		for name, m := range jsonschema.Members(member(channel, "messages")) {
			k.name = name // unless it tells another one
			if err := p.message(k, m, around); err != nil {
				return fmt.Errorf("message %q: %w", name, err)
			}
		}
	}
	for i, m := range messages {
		if err := p.message(k, m, around); err != nil {
			return fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return nil
}

// reply reads the messages that answer those of an operation: they go the other way.
func (p *parser) reply(raw json.RawMessage, asked direction, request string) error {
	raw, _, err := p.follow(raw)
	if err != nil {
		return err
	}
	var reply struct {
		Channel  json.RawMessage   `json:"channel"`
		Messages []json.RawMessage `json:"messages"`
	}
	if err := json.Unmarshal(raw, &reply); err != nil {
		return fmt.Errorf("it is not as AsyncAPI says: %w", err)
	}
	k := key{action: sent, channel: "reply to " + request} // where it goes is often told by the request
	if asked == sent {
		k.action = received
	}
	channel := json.RawMessage("{}")
	if reply.Channel != nil {
		if channel, _, err = p.follow(reply.Channel); err != nil {
			return fmt.Errorf("channel: %w", err)
		}
		if name, address := channelName(channel); name != "" {
			k.channel = name
			if k.action == sent {
				k.address = address
			}
		}
	}
	around, err := p.parts(json.RawMessage("{}"), channel)
	if err != nil {
		return err
	}
	return p.all(k, reply.Messages, channel, around)
}

// bind notes what a queue is bound to. Another shape is not ours, and tells nothing.
func (p *parser) bind(queue string, raw json.RawMessage) {
	var list []binding
	if json.Unmarshal(raw, &list) != nil {
		return
	}
	if _, twice := p.doc.bound[queue]; !twice {
		p.doc.queues = append(p.doc.queues, queue)
	}
	p.doc.bound[queue] = append(p.doc.bound[queue], list...)
}

// channelName is what consumers know a channel by: its exchange with a routing key, or else its address.
func channelName(channel json.RawMessage) (name, routingKey string) {
	var c struct {
		Address  string
		Bindings struct {
			AMQP struct{ Exchange struct{ Name string } }
		}
	}
	_ = json.Unmarshal(channel, &c) // what is not there is ""
	if name := c.Bindings.AMQP.Exchange.Name; name != "" {
		return name, c.Address
	}
	return c.Address, ""
}

func (p *parser) message(k key, raw json.RawMessage, around []part) error {
	raw, where, err := p.follow(raw)
	if err != nil {
		return err
	}
	raw, err = p.withTraits(raw)
	if err != nil {
		return err
	}
	m := &message{key: k, contentType: p.contentType}
	if where != "" {
		k.name = where[strings.LastIndexByte(where, '/')+1:] // unless it tells a name
	}
	for name, value := range jsonschema.Members(raw) {
		switch name {
		case "name":
			_ = json.Unmarshal(value, &k.name)
		case "contentType":
			_ = json.Unmarshal(value, &m.contentType)
		case "x-exchange":
			if k.action == received {
				_ = json.Unmarshal(value, &k.exchange)
			}
		case "deprecated", "x-deprecated":
			m.deprecated = string(value) == "true"
		}
	}
	if k.address == k.name {
		k.address = ""
	}
	m.key = k
	if m.payload, err = p.payload(member(raw, "payload")); err != nil {
		return fmt.Errorf("payload of %q: %w", k.name, err)
	}
	if headers := member(raw, "headers"); headers != nil {
		s, err := p.payload(headers)
		if err != nil {
			return fmt.Errorf("headers of %q: %w", k.name, err)
		}
		m.headers = []*jsonschema.Schema{s}
	}
	own, err := p.messageParts(raw)
	if err != nil {
		return fmt.Errorf("message %q: %w", k.name, err)
	}
	m.around = append(own, around...)
	if twin := p.doc.byKey[k]; twin != nil {
		twin.also(m)
		return nil
	}
	p.doc.byKey[k] = m
	p.doc.messages = append(p.doc.messages, m)
	return nil
}

// also adds another message of the same name. Mostly it is the same one, which two operations share.
func (m *message) also(other *message) {
	switch {
	case m.several && !slices.Contains(m.payload.AnyOf, other.payload):
		m.payload.AnyOf = append(m.payload.AnyOf, other.payload)
	case !m.several && m.payload != other.payload:
		m.several = true
		m.payload = &jsonschema.Schema{AnyOf: []*jsonschema.Schema{m.payload, other.payload}}
	}
	if other.headers != nil && !slices.Contains(m.headers, other.headers[0]) {
		m.headers = append(m.headers, other.headers[0])
	}
	m.around = join(m.around, other.around)
	if m.contentType != other.contentType {
		m.contentType += " or " + other.contentType
	}
	m.deprecated = m.deprecated && other.deprecated
}
