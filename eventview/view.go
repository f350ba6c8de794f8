package eventview

import (
	"net/http"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// Service describes a service by what it publishes and consumes. View makes the documents.
type Service struct {
	Title       string // default: "Events of " and the names of the exchanges or queues
	Version     string // of the service, for the AsyncAPI document. Default: "0.0.0"
	Description string // for the AsyncAPI document

	Publishes []*eventbus.Exchange
	Consumes  []*eventbus.Consumer // which events of which exchanges their queues handle; they need no running broker
}

// View answers with the events of a service. It is made by [New] or [Service.View] and serves any number of goroutines.
type View struct {
	schemas, page, asyncAPI, asyncYAML *Document

	events []*event // those that the service publishes
}

// New makes the view of all events that are declared on the exchanges by now, as Service{Publishes: exchanges}.View()
// does.
func New(exchanges ...*eventbus.Exchange) *View {
	if len(exchanges) == 0 {
		panic("eventview: New was given no exchange; give it those on which the service declares its events")
	}
	return Service{Publishes: exchanges}.View()
}

// View makes the view of all events that are declared by now. An event is described by the JSON Schema of its codec, or
// by its Go type as encoding/json writes it; see [Describer] for types that write JSON of their own. A field tag
// doc:"..." describes a field. A type of constants whose method Values lists them all, func (Role) Values() []Role, is
// an enum. A type stands where it is used; where that takes thousands of schemas, named structs are definitions that are
// referred to.
//
// View panics, and says how to mend it, when an exchange or a consumer has a mistake ([eventbus.Exchange.Err],
// [eventbus.Consumer.Subscription]), when a payload cannot be described, when an example does not match its schema, and
// when two published events have one name.
func (s Service) View() *View {
	m, err := newModel(s)
	if err != nil {
		panic("eventview: " + err.Error())
	}
	v, err := m.view()
	if err != nil {
		panic("eventview: " + err.Error())
	}
	return v
}

// view writes the documents, the page beside the others.
func (m *model) view() (*View, error) {
	v := &View{events: m.published}
	var err error
	var page sync.WaitGroup
	page.Go(func() { v.page, err = m.page() })
	v.schemas = newDocument("application/json", "", m.schemas())
	api := m.asyncAPI()
	v.asyncAPI = newDocument("application/json", "", api)
	v.asyncYAML = newDocument("application/yaml", "", appendYAML(nil, api))
	page.Wait()
	return v, err
}

// ServeHTTP answers with the JSON Schemas of the events that the service publishes, keyed by event name, or with a page
// where the client prefers text/html, as browsers do. Methods other than GET and HEAD are answered 405.
func (v *View) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Add("Vary", "Accept")
	if prefersHTML(r.Header.Get("Accept")) {
		v.page.ServeHTTP(w, r)
		return
	}
	v.schemas.ServeHTTP(w, r)
}

// AsyncAPI is the AsyncAPI 3.0 document as JSON; mount it as "GET /asyncapi.json". What the service publishes are
// operations that send to a channel with an exchange and a routing key; what it consumes are operations that receive
// from a channel with a queue, whose extension x-bound-to lists exchanges and keys.
func (v *View) AsyncAPI() *Document { return v.asyncAPI }

// AsyncAPIYAML is the same document as YAML; mount it as "GET /asyncapi.yaml".
func (v *View) AsyncAPIYAML() *Document { return v.asyncYAML }
