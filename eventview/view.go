package eventview

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// View answers with the events that a service publishes. It is made by [New] and serves any number of goroutines.
type View struct {
	schemas document
	page    document
}

// document is a finished answer.
type document struct {
	contentType string
	policy      string // Content-Security-Policy, if any
	etag        string
	body        []byte
}

// event is what the view knows of one event.
type event struct {
	exchange, name, summary string

	schema  json.RawMessage    // as it is served
	parsed  *jsonschema.Schema // the same, to walk through
	example json.RawMessage    // nil if there is none
}

// New makes the view of all events that are declared on the exchanges by now. An event is described by the JSON Schema
// of its codec, or by its Go type as encoding/json writes it; a field tag doc:"..." describes a field.
//
// New panics, and says how to mend it, when an exchange has a mistake ([eventbus.Exchange.Err]), when a payload cannot
// be described, and when two events have one name.
func New(exchanges ...*eventbus.Exchange) *View {
	if len(exchanges) == 0 {
		panic("eventview: New was given no exchange; give it those on which the service declares its events")
	}
	var events []event
	var names []string
	for i, x := range exchanges {
		if x == nil {
			panic(fmt.Sprintf("eventview: exchange %d is nil", i+1))
		}
		if err := x.Err(); err != nil {
			panic(fmt.Sprintf("eventview: exchange %q has mistakes: %v", x.Name(), err))
		}
		names = append(names, x.Name())
		for _, definition := range x.Events() {
			e, err := describe(definition)
			if err != nil {
				panic(fmt.Sprintf("eventview: event %q of exchange %q: %v", definition.Name, x.Name(), err))
			}
			events = append(events, e)
		}
	}
	schemas, err := schemaDocument(events)
	if err != nil {
		panic("eventview: " + err.Error())
	}
	page, err := pageDocument(names, events)
	if err != nil {
		panic("eventview: " + err.Error())
	}
	return &View{schemas, page}
}

func describe(d eventbus.Definition) (event, error) {
	e := event{exchange: d.Exchange, name: d.Name, summary: d.Summary, schema: d.Schema}
	var resolved *jsonschema.Resolved
	var err error
	if d.Schema == nil {
		e.parsed, e.schema, resolved, err = reflected(d.Type)
	} else {
		e.parsed, resolved, err = understand(d.Schema)
	}
	if err != nil {
		return event{}, err
	}
	if e.schema, err = withDescription(e.schema, d.Summary); err != nil {
		return event{}, err
	}
	e.example = example(e.parsed, resolved)
	return e, nil
}

func reflected(t reflect.Type) (*jsonschema.Schema, json.RawMessage, *jsonschema.Resolved, error) {
	s, err := reflectSchema(t)
	if err != nil {
		return nil, nil, nil, err
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, nil, nil, err
	}
	resolved, err := s.Resolve(nil)
	return s, raw, resolved, err
}

// understand reads a schema and makes it ready to judge messages.
func understand(raw json.RawMessage) (*jsonschema.Schema, *jsonschema.Resolved, error) {
	parsed, err := parseSchema(raw)
	if err != nil {
		return nil, nil, err
	}
	if err := checkReferences(parsed, parsed); err != nil {
		return nil, nil, fmt.Errorf("its schema is not right: %w", err)
	}
	resolved, err := parsed.Resolve(nil)
	if err != nil {
		return nil, nil, fmt.Errorf("its schema is not right: %w", err)
	}
	return parsed, resolved, nil
}

// schemaDocument is a JSON object keyed by event name.
func schemaDocument(events []event) (document, error) {
	var buf bytes.Buffer
	owner := map[string]string{}
	for i, e := range events {
		if exchange, taken := owner[e.name]; taken {
			return document{}, fmt.Errorf("the exchanges %q and %q both have an event %q: give each exchange a view of its own", exchange, e.exchange, e.name)
		}
		owner[e.name] = e.exchange
		name, err := json.Marshal(e.name)
		if err != nil {
			return document{}, err
		}
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.Write(name)
		buf.WriteByte(':')
		buf.Write(e.schema)
	}
	return newDocument("application/json", "", "{"+buf.String()+"}"), nil
}

func newDocument(contentType, policy, body string) document {
	return document{contentType, policy, fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(body))), []byte(body)}
}

// ServeHTTP answers with the JSON Schemas of the events, keyed by event name, or with a page where the client prefers
// text/html, as browsers do. Both have an ETag. Methods other than GET and HEAD are answered 405.
func (v *View) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
		return
	}
	d := v.schemas
	if prefersHTML(r.Header.Get("Accept")) {
		d = v.page
	}
	header.Add("Vary", "Accept")
	header.Set("Content-Type", d.contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-cache")
	header.Set("ETag", d.etag)
	if d.policy != "" {
		header.Set("Content-Security-Policy", d.policy)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}
