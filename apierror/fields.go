package apierror

import (
	"bytes"
	"encoding/json"
)

// Fields collects the messages on the fields of one input: every wrong field is reported at once. The zero value is
// empty and ready.
//
//	var fields apierror.Fields
//	fields.Add("email", "Enter a valid email address.")
//	fields.Object("address").Add("zip", "This field is required.")
//	return fields.Err() // nil when nothing was added
//
// It is not safe for concurrent use.
type Fields struct {
	names   []string // in the order of the first message
	entries map[string]*entry
}

// entry is what one field has: messages, an object below it, or a list of objects.
type entry struct {
	messages []string
	object   *Fields
	list     []*Fields
}

// NonField is the name under which messages on the input as a whole stand.
const NonField = nonField

// Add adds a message to a field.
func (f *Fields) Add(name, message string) {
	e := f.entry(name)
	e.messages = append(e.messages, message)
}

// Object returns the fields of the object in a field. For a list of plain values use it too, with the index as name:
// Object("tags").Add("2", ...).
func (f *Fields) Object(name string) *Fields {
	e := f.entry(name)
	if e.object == nil {
		e.object = &Fields{}
	}
	return e.object
}

// List returns the fields of each of the n objects in a field. Those without a message are sent as {}, so that a
// message stands where its object stood. A later call with another n extends the list.
func (f *Fields) List(name string, n int) []*Fields {
	e := f.entry(name)
	for len(e.list) < n {
		e.list = append(e.list, &Fields{})
	}
	return e.list
}

// Empty reports whether there is no message.
func (f *Fields) Empty() bool {
	for _, e := range f.entries {
		if !e.empty() {
			return false
		}
	}
	return true
}

// Err returns nil when there is no message, else an error that is answered with 400 and the messages.
func (f *Fields) Err() error {
	if f.Empty() {
		return nil
	}
	return Invalid(f)
}

// MarshalJSON returns the messages as they are sent: {"email": ["..."], "address": {"zip": ["..."]}, "items": [{},
// {"sku": ["..."]}]}. A field that has both messages of its own and an object or list shows the messages.
func (f Fields) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range f.names {
		e := f.entries[name]
		if e.empty() {
			continue
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(e.value())
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (f *Fields) entry(name string) *entry {
	e, ok := f.entries[name]
	if !ok {
		if f.entries == nil {
			f.entries = map[string]*entry{}
		}
		e = &entry{}
		f.entries[name] = e
		f.names = append(f.names, name)
	}
	return e
}

func (e *entry) empty() bool {
	for _, item := range e.list {
		if !item.Empty() {
			return false
		}
	}
	return len(e.messages) == 0 && (e.object == nil || e.object.Empty())
}

func (e *entry) value() any {
	switch {
	case len(e.messages) > 0:
		return e.messages
	case e.object != nil && !e.object.Empty():
		return e.object
	}
	return e.list
}
