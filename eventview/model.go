package eventview

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// Describer is implemented by payload types that write JSON of their own: JSONSchema describes what they write, in
// keywords that draft-07 and 2020-12 share and without references. It is called on a zero value.
type Describer interface {
	JSONSchema() json.RawMessage
}

// event is what the view knows of one event.
type event struct {
	eventbus.Definition

	id       string             // unique within the view, good for the name of a component
	schema   *jsonschema.Schema // linked
	json     []byte             // the schema, with what the declaration says of the event
	examples []json.RawMessage  // the declared ones, or one that is made up; compact
	declared bool               // the examples are declared
	sent     bool               // the service publishes it
	unknown  bool               // nothing is known but the key
}

// model is what all documents are made of.
type model struct {
	service   Service
	published []*event
	queues    []*queue
	events    []*event // published and consumed ones, each once

	ids     map[string]bool
	byKey   map[key]*event
	schema  jsonschema.Reflector
	scratch []byte
}

type key struct{ exchange, name string }

// queue is a queue that the service consumes.
type queue struct {
	eventbus.Subscription

	id     string
	events []*event
}

func newModel(s Service) (*model, error) {
	m := &model{service: s, ids: map[string]bool{}, byKey: map[key]*event{}}
	owner := map[string]string{}
	for i, x := range s.Publishes {
		if x == nil {
			return nil, fmt.Errorf("exchange %d is nil", i+1)
		}
		if err := x.Err(); err != nil {
			return nil, fmt.Errorf("exchange %q has mistakes: %w", x.Name(), err)
		}
		for _, definition := range x.Events() {
			name := definition.Name
			if other, taken := owner[name]; taken {
				return nil, fmt.Errorf("the exchanges %q and %q both have an event %q: give each exchange a view of its own", other, x.Name(), name)
			}
			owner[name] = x.Name()
			e, err := m.event(definition)
			if err != nil {
				return nil, err
			}
			e.sent = true
			m.published = append(m.published, e)
		}
	}
	for i, c := range s.Consumes {
		if c == nil {
			return nil, fmt.Errorf("consumer %d is nil", i+1)
		}
		if err := m.queue(c); err != nil {
			return nil, err
		}
	}
	if m.service.Title == "" {
		m.service.Title = "Events of " + m.names()
	}
	if m.service.Version == "" {
		m.service.Version = "0.0.0"
	}
	return m, nil
}

// names of what the service is known by: its exchanges, or else its queues.
func (m *model) names() string {
	names := ""
	add := func(name string) {
		if names != "" {
			names += ", "
		}
		names += name
	}
	for _, x := range m.service.Publishes {
		add(x.Name())
	}
	if names == "" {
		for _, q := range m.queues {
			add(q.Queue)
		}
	}
	return names
}

// event describes an event, once.
func (m *model) event(d eventbus.Definition) (*event, error) {
	if e, ok := m.byKey[key{d.Exchange, d.Name}]; ok {
		return e, nil
	}
	e := &event{Definition: d, id: m.id(d.Exchange + "." + d.Name)}
	if err := m.describe(e); err != nil {
		return nil, fmt.Errorf("event %q of exchange %q: %w", d.Name, d.Exchange, err)
	}
	m.byKey[key{d.Exchange, d.Name}] = e
	m.events = append(m.events, e)
	return e, nil
}

func (m *model) describe(e *event) (err error) {
	if e.schema, err = schemaOf(&m.schema, e.Definition); err != nil {
		return err
	}
	declared, err := e.Definition.Examples()
	if err != nil {
		return err
	}
	for i, text := range declared {
		problems, err := e.schema.CheckJSON(text)
		if err != nil {
			return fmt.Errorf("example %d %w", i+1, err)
		}
		if len(problems) > 0 {
			return fmt.Errorf("example %d does not match the schema: %s", i+1, problems[0])
		}
		e.examples, e.declared = append(e.examples, appendCompact(nil, text)), true
	}
	if text := example(e.schema); text != nil && !e.declared {
		e.examples = []json.RawMessage{text}
	}
	m.scratch = e.documented().Append(m.scratch[:0], "#")
	e.json = bytes.Clone(m.scratch)
	return nil
}

// schemaOf is the linked schema of a payload.
func schemaOf(r *jsonschema.Reflector, d eventbus.Definition) (*jsonschema.Schema, error) {
	if d.Schema == nil {
		return r.Describe(d.Type)
	}
	s, err := jsonschema.Parse(d.Schema)
	if err == nil {
		err = s.LinkSelf()
	}
	if err == nil {
		err = s.Understood()
	}
	if err != nil {
		return nil, fmt.Errorf("the schema of its codec is not right: %w", err)
	}
	return s, nil
}

// queue describes what a consumer handles.
func (m *model) queue(c *eventbus.Consumer) error {
	s, err := c.Subscription()
	if err != nil {
		return err
	}
	q := &queue{Subscription: s, id: m.id(s.Queue)}
	seen := map[*event]bool{}
	for _, b := range s.Bindings {
		events := b.Events
		unknown := len(events) == 0
		if unknown {
			events = []eventbus.Definition{{Exchange: b.Exchange, Name: b.Key, Schema: json.RawMessage("true")}}
		}
		for _, definition := range events {
			e, err := m.event(definition)
			if err != nil {
				return errors.Join(fmt.Errorf("queue %q", s.Queue), err)
			}
			e.unknown = unknown
			if !seen[e] {
				seen[e] = true
				q.events = append(q.events, e)
			}
		}
	}
	m.queues = append(m.queues, q)
	return nil
}

// id makes a name that JSON pointers and the keys of components can hold.
func (m *model) id(name string) string {
	clean := []byte(name)
	for i, c := range clean {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			clean[i] = '_'
		}
	}
	id := string(clean)
	for n := 2; m.ids[id]; n++ {
		id = fmt.Sprintf("%s_%d", clean, n)
	}
	m.ids[id] = true
	return id
}

// schemas is a JSON object keyed by event name.
func (m *model) schemas() []byte {
	b := &builder{make([]byte, 0, m.size())}
	b.open('{')
	for _, e := range m.published {
		b.key(e.Name)
		b.buf = append(b.buf, e.json...)
	}
	b.close('}')
	return b.buf
}

// size is about how many bytes the schemas take.
func (m *model) size() int {
	n := 0
	for _, e := range m.events {
		n += len(e.json) + len(e.Name) + 10
	}
	return n
}

// words are all that is said of an event, as paragraphs.
func (e *event) words(ofPayload string) string {
	var all []string
	for _, text := range []string{e.Summary, e.Description, ofPayload} {
		if text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if e.Since != "" {
		all = append(all, "Since "+e.Since)
	}
	if e.Deprecated != "" {
		all = append(all, "Deprecated: "+e.Deprecated)
	}
	return strings.Join(all, "\n\n")
}

// documented is the schema with what the declaration says of the event.
func (e *event) documented() *jsonschema.Schema {
	s := *e.schema
	if s.Never {
		return &s
	}
	s.Description = e.words(s.Description)
	if s.Examples == nil && e.declared {
		s.Examples = e.examples
	}
	s.Deprecated = s.Deprecated || e.Deprecated != ""
	return &s
}
