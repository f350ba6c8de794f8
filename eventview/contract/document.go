package contract

import (
	"encoding/json"
	"errors"
	"fmt"
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
	headers     []*jsonschema.Schema
	contentType string
	deprecated  bool
	around      []part
}

// Parse reads an AsyncAPI 3 document as JSON. References lead to places within it; payloads are JSON Schemas. The error
// names the place that is not understood.
func Parse(text []byte) (*Document, error) {
	if !json.Valid(text) {
		return nil, errors.New("the document is no JSON; toolset events diff reads YAML as well")
	}
	p := &parser{
		root: text, schemas: map[string]*jsonschema.Schema{}, opened: map[string]map[string]json.RawMessage{}, spelt: map[string]string{},
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
	spelt       map[string]string // what references lead to, in one spelling
	written     int               // bytes of such spellings
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
