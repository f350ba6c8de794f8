package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// Document is what Compare needs of an AsyncAPI document. It is not changed after Parse and may be used concurrently.
type Document struct {
	messages []*message
	byKey    map[key]*message
	queues   []string // that tell what they are bound to
	bound    map[string][]binding
}

type key struct {
	action        direction
	channel, name string
	exchange      string // of what is received, where the message tells it: a queue may get one name from two
	address       string // of what is sent to an exchange, the routing key, where the name is another one
}

// binding is an entry of a channel's x-bound-to.
type binding struct {
	Exchange   string `json:"exchange"`
	RoutingKey string `json:"routingKey"`
}

type message struct {
	key

	payload     *jsonschema.Schema // linked
	several     bool               // the payload is a choice of those of messages with one name
	contentType string
	deprecated  bool
}

// Parse reads an AsyncAPI 3 document as JSON. References lead to places within it; payloads are JSON Schemas. The error
// names the place that is not understood.
func Parse(text []byte) (*Document, error) {
	if !json.Valid(text) {
		return nil, errors.New("the document is no JSON; of YAML take the JSON that is served beside it")
	}
	p := &parser{
		root: text, schemas: map[string]*jsonschema.Schema{}, opened: map[string]map[string]json.RawMessage{},
		doc: &Document{byKey: map[key]*message{}, bound: map[string][]binding{}},
	}
	p.linker = jsonschema.NewLinker(p.schema)
	version := ""
	if json.Unmarshal(member(text, "asyncapi"), &version) != nil || !strings.HasPrefix(version, "3.") {
		if version == "" {
			return nil, errors.New("this is no AsyncAPI document; it is what a service serves as asyncapi.json")
		}
		return nil, fmt.Errorf("the document is of version %q; AsyncAPI 3 is understood", version)
	}
	_ = json.Unmarshal(member(text, "defaultContentType"), &p.contentType)
	for name, raw := range jsonschema.Members(member(text, "operations")) {
		if err := p.operation(raw); err != nil {
			return nil, fmt.Errorf("operation %q: %w", name, err)
		}
	}
	if channel := first(member(text, "channels")); len(p.doc.messages) == 0 && channel != "" {
		return nil, fmt.Errorf("no operation sends or receives a message of a channel, as of %q: it has to tell in operations what the service does", channel)
	}
	return p.doc, nil
}

// first is the name of the first member of an object.
func first(object json.RawMessage) string {
	for name := range jsonschema.Members(object) {
		return name
	}
	return ""
}

type parser struct {
	root        json.RawMessage
	contentType string
	schemas     map[string]*jsonschema.Schema         // by reference
	opened      map[string]map[string]json.RawMessage // the members of objects that references went through, by their path
	linker      *jsonschema.Linker
	doc         *Document
}

// member finds a member of an object, nil where there is none.
func member(object json.RawMessage, name string) json.RawMessage {
	var found json.RawMessage
	for have, value := range jsonschema.Members(object) {
		if have == name {
			found = value // the last one counts
		}
	}
	return found
}

// at finds the place that a reference within the document leads to. Objects on the way are read once: a document may
// have thousands of references into a large one.
func (p *parser) at(ref string) (json.RawMessage, error) {
	path, ok := strings.CutPrefix(ref, "#")
	if !ok || path != "" && path[0] != '/' {
		return nil, fmt.Errorf("$ref %q leads out of the document", ref)
	}
	here, where := p.root, "#"
	for path != "" {
		step, rest := path[1:], ""
		if i := strings.IndexByte(step, '/'); i >= 0 {
			step, rest = step[:i], step[i:]
		}
		next, there := p.member(where, here, step)
		if !there {
			return nil, fmt.Errorf("$ref %q leads nowhere", ref)
		}
		where += "/" + step
		here, path = next, rest
	}
	return here, nil
}

func (p *parser) member(where string, object json.RawMessage, step string) (json.RawMessage, bool) {
	if len(object) > 0 && object[0] == '[' {
		return jsonschema.At(object, step)
	}
	members, opened := p.opened[where]
	if !opened {
		members = map[string]json.RawMessage{}
		for name, value := range jsonschema.Members(object) {
			members[name] = value // the last one counts
		}
		p.opened[where] = members
	}
	found, there := members[jsonschema.Unescape(step)]
	return found, there
}

// refOf is where an object refers to, "" when it stands for itself.
func refOf(object json.RawMessage) (ref string) {
	_ = json.Unmarshal(member(object, "$ref"), &ref) // what is no string refers to nothing
	return ref
}

// follow replaces references by what they lead to, and says where that is.
func (p *parser) follow(raw json.RawMessage) (json.RawMessage, string, error) {
	where := ""
	for range 20 {
		ref := refOf(raw)
		if ref == "" {
			return raw, where, nil
		}
		next, err := p.at(ref)
		if err != nil {
			return nil, "", err
		}
		raw, where = next, ref
	}
	return nil, "", fmt.Errorf("$ref %q leads back to itself", where)
}

func (p *parser) operation(raw json.RawMessage) error {
	raw, _, err := p.follow(raw)
	if err != nil {
		return err
	}
	var op struct {
		Action   string            `json:"action"`
		Channel  json.RawMessage   `json:"channel"`
		Messages []json.RawMessage `json:"messages"`
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
	if op.Messages == nil { // all of the channel
		for _, m := range jsonschema.Members(member(channel, "messages")) {
			op.Messages = append(op.Messages, m)
		}
	}
	name, address := channelName(channel)
	if action == received {
		address = ""
	}
	if bound := member(channel, "x-bound-to"); action == received && bound != nil {
		p.bind(name, bound)
	}
	for i, m := range op.Messages {
		if err := p.message(key{action: action, channel: name, address: address}, m); err != nil {
			return fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return nil
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

func (p *parser) message(k key, raw json.RawMessage) error {
	raw, where, err := p.follow(raw)
	if err != nil {
		return err
	}
	m := &message{key: k, contentType: p.contentType}
	k.name = where[strings.LastIndexByte(where, '/')+1:] // unless it tells a name
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
	if m.contentType != other.contentType {
		m.contentType += " or " + other.contentType
	}
	m.deprecated = m.deprecated && other.deprecated
}

func (p *parser) payload(raw json.RawMessage) (*jsonschema.Schema, error) {
	if raw == nil {
		return new(jsonschema.Schema), nil
	}
	if ref := refOf(raw); ref != "" {
		target, _, err := p.follow(raw)
		if err != nil {
			return nil, err
		}
		if member(target, "schemaFormat") != nil {
			return p.payload(target)
		}
		s, err := p.schema(ref)
		if err != nil {
			return nil, err
		}
		return s, p.linker.Link(s)
	}
	var format string
	if json.Unmarshal(member(raw, "schemaFormat"), &format) == nil && format != "" {
		if !strings.Contains(format, "schema+json") && !strings.HasPrefix(format, "application/vnd.aai.asyncapi") {
			return nil, fmt.Errorf("schemas of format %q are not understood", format)
		}
		raw = member(raw, "schema")
	}
	s, err := jsonschema.Parse(raw)
	if err != nil {
		return nil, err
	}
	return s, p.linker.Link(s)
}

// schema reads the schema that a reference leads to, once.
func (p *parser) schema(ref string) (*jsonschema.Schema, error) {
	if s, ok := p.schemas[ref]; ok {
		return s, nil
	}
	raw, err := p.at(ref)
	if err != nil {
		return nil, err
	}
	s, err := jsonschema.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	p.schemas[ref] = s
	return s, nil
}
