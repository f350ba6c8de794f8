package serializer

import (
	"context"
	"encoding/json"
	"fmt"
)

// Of shows and accepts objects of type T. New makes it; it never changes afterwards and is safe for concurrent use.
type Of[T any] struct {
	shows[T]
	declare func(*T) Fields
}

// View shows objects of type T and accepts none. Tiny makes it. It is safe for concurrent use.
type View[T any] struct{ shows[T] }

// Config is what a serializer can be told beside its fields. The zero value is the default.
type Config struct {
	// Name is the name of the schema in documents. Default: the name of the Go type.
	Name string
	// MaxBody is the largest request body in bytes, and the largest input of Decode and its siblings. Default: 10 MiB.
	MaxBody int
	// RefuseUnknown makes keys that no field has an error ("Unknown field."). By default they are ignored, as Django REST Framework does.
	// It holds for all objects inside, too.
	RefuseUnknown bool
	// MaxItems is how many objects one input may have in its lists and behind pointers, all together, keys of related ones included: two bytes of
	// input can be one object in memory.
	// Default: 100,000.
	MaxItems int
}

const (
	defaultMaxBody  = 10 << 20
	defaultMaxItems = 100_000
)

// New compiles a declaration. The function is called once, with a sample object whose pointers to structs are set, and returns fields made from
// pointers into it. A mistake in the declaration panics and says what to write instead.
func New[T any](declare func(p *T) Fields) *Of[T] {
	return &Of[T]{shows[T]{plan: compile(declare, Config{})}, declare}
}

// With returns a serializer of the same declaration with another configuration. It calls the function of New once more.
func (s *Of[T]) With(c Config) *Of[T] {
	return &Of[T]{shows[T]{plan: compile(s.declare, c)}, s.declare}
}

// Tiny returns a view with the same JSON that only shows. It takes related objects from where they were Loaded and looks up the others; Of
// looks up all of them. Apart from that both cost the same.
func (s *Of[T]) Tiny() *View[T] { return &View[T]{shows[T]{plan: s.plan, tiny: true}} }

// Decode reads one object from JSON and validates it. Fields that are absent have their defaults or zero values.
// It returns *Errors when fields are wrong, *RequestError when data is no JSON, or the error of a lookup. data is not kept.
func (s *Of[T]) Decode(ctx context.Context, data []byte) (T, error) {
	object := new(T)
	if err := s.decode(ctx, data, addrOf(object), addr{}, false); err != nil {
		var zero T
		return zero, err
	}
	return *object, nil
}

// DecodeList reads a list of objects, with one lookup for all of them. Errors are as those of Decode, one entry for each object.
func (s *Of[T]) DecodeList(ctx context.Context, data []byte) ([]T, error) {
	var list []T
	if err := decodeList(ctx, s.plan, data, &list); err != nil {
		return nil, err
	}
	return list, nil
}

// Patch changes the object by the fields that data has; what is absent stays, and read-only fields stay anyway. When it returns an error,
// which is as those of Decode, the object is as it was. The object must not be changed by others meanwhile.
func (s *Of[T]) Patch(ctx context.Context, data []byte, object *T) error {
	return s.update(ctx, data, object, true)
}

// Update is Patch for a full update, as with PUT: every required field must come, and defaults apply to what is absent.
func (s *Of[T]) Update(ctx context.Context, data []byte, object *T) error {
	return s.update(ctx, data, object, false)
}

func (s *Of[T]) update(ctx context.Context, data []byte, object *T, partial bool) error {
	changed := new(T)
	*changed = *object
	if err := s.decode(ctx, data, addrOf(changed), addrOf(object), partial); err != nil {
		return err
	}
	*object = *changed
	return nil
}

// InputSchema is the JSON Schema of what Decode and Update accept.
func (s *Of[T]) InputSchema() json.RawMessage { return s.plan.schema(use{input: true}).json() }

// PartialSchema is the JSON Schema of what Patch accepts.
func (s *Of[T]) PartialSchema() json.RawMessage {
	return s.plan.schema(use{input: true, partial: true}).json()
}

// shows is what Of and View have in common.
type shows[T any] struct {
	plan *plan
	tiny bool
}

func (s *Of[T]) shape(*T) *plan {
	if s == nil {
		return nil
	}
	return s.plan
}

func (s *View[T]) shape(*T) *plan {
	if s == nil {
		return nil
	}
	return s.plan
}

func (s *Of[T]) view() bool { return false }

func (s *View[T]) view() bool { return true }

// SchemaName is the name of the schema in documents: Config.Name, or the name of the Go type.
func (s *shows[T]) SchemaName() string { return s.plan.schemaName() }

// OutputSchema is the JSON Schema of what is shown.
func (s *shows[T]) OutputSchema() json.RawMessage { return s.plan.schema(use{}).json() }

// Append appends the JSON of the object to dst: keys in the order of the declaration, no white space, no HTML escaping. Related objects are
// looked up first. On an error, a failing lookup or a value that JSON cannot hold, dst comes back as it was. A nil object is null.
func (s *shows[T]) Append(ctx context.Context, dst []byte, object *T) ([]byte, error) {
	e := newEncoder(ctx, s.tiny)
	defer e.release()
	if object == nil {
		return append(dst, "null"...), nil
	}
	if s.plan.gathers {
		e.want(s.plan, addrOf(object))
		if err := e.fetch(); err != nil {
			return dst, err
		}
	}
	out := e.object(dst, s.plan, addrOf(object))
	if e.err != nil {
		return dst, fmt.Errorf("serializer: %w", e.err)
	}
	return out, nil
}

// AppendList appends a JSON list of the objects, with one lookup for each related field. Errors are as those of Append.
func (s *shows[T]) AppendList(ctx context.Context, dst []byte, objects []T) ([]byte, error) {
	e := newEncoder(ctx, s.tiny)
	defer e.release()
	if s.plan.gathers {
		for i := range objects {
			e.want(s.plan, addrOf(&objects[i]))
		}
		if err := e.fetch(); err != nil {
			return dst, err
		}
	}
	out := append(dst, '[')
	for i := range objects {
		if i > 0 {
			out = append(out, ',')
		}
		if out = e.object(out, s.plan, addrOf(&objects[i])); e.err != nil {
			return dst, fmt.Errorf("serializer: %w", e.err)
		}
	}
	return append(out, ']'), nil
}
