package serializer

import "reflect"

// plan is a declaration, compiled: what Of and View share and never change.
type plan struct {
	typ    reflect.Type
	config Config
	fields []*field
	steps  []step         // how an object is shown
	names  map[string]int // of writable fields; read-only ones are no unknown keys, but map to -1
	checks []func(addr) error

	recursive bool // contains itself, by Self
	late      bool // has late fields

	gathers bool // shows related objects, somewhere below
	pinned  bool // objects must not move while a list of them is decoded, since something is done with them at the end
}

// field is one field of a plan.
type field struct {
	name      string
	quoted    string // as it stands in most inputs, with its colon
	source    source
	typ       reflect.Type // at the source
	codec     codec
	computed  bool
	readOnly  bool
	writeOnly bool
	required  bool
	targets   []target
	late      bool // lies inside a field that is declared before, or around it
	setBlank  func(addr)
	values    rules
	messages  map[string]string // by code, where the declaration has its own
}

// target is a Go field that something is written to.
type target struct {
	source source
	typ    reflect.Type
}

// writes tells whether the input, or a default, changes the Go field.
func (f *field) writes() bool { return !f.computed && (!f.readOnly || f.setBlank != nil) }

// reset takes back what an earlier value of the input has left: when the one that counts is wrong, the field has none.
func (f *field) reset(base, before addr) {
	if f.late { // nothing is read yet
		return
	}
	value := f.source.write(base, before).pointerTo(f.typ).Elem()
	if !before.isNil() {
		if was, ok := f.source.read(before); ok {
			value.Set(was.pointerTo(f.typ).Elem())
			return
		}
	}
	value.SetZero()
}

// codec shows and accepts the values of one Go type under the rules of one field.
type codec interface {
	// encode appends the value at a; failures go to e.fail.
	encode(e *encoder, dst []byte, a addr) []byte
	// decode reads the value at d.pos, which is not null, into a. What is wrong with it goes to d.fail; false means that the input is no JSON.
	// before is the same value of the object before an update, or nil.
	decode(d *decoder, a, before addr) bool
	// null stores null at a; false when the field may not be null.
	null(d *decoder, a addr) bool
	// schema describes the value in JSON Schema.
	schema(u use) members
}

// notNull is the null of codecs that refuse it.
type notNull struct{}

func (notNull) null(*decoder, addr) bool { return false }

// gatherer is a codec that needs related objects before it can show anything.
type gatherer interface{ gather(e *encoder, a addr) }

// pinner is a codec that holds on to addresses until the end of the decoding.
type pinner interface{ pins() bool }

const unknownField = -2
