package openapi

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"strconv"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Param is a typed parameter of a request: it reads the value, refuses a bad one and describes itself in the document.
//
// It is made by [Query] or [Path], given to a route as an option, and read in the handler with Get. It is a value that
// can be kept in a package variable, shared between routes and used by any number of goroutines.
type Param[T any] struct {
	spec paramSpec
}

// paramSpec is what a route needs to know of a parameter, whatever its type.
type paramSpec struct {
	in, name    string
	description string
	required    bool
	fallback    reflect.Value // of type typ, or invalid
	typ         reflect.Type
	item        scalar
	err         error // the type cannot be read
}

// Query declares the query parameter with this name. T is a string, bool, number, [time.Time] or a type with
// UnmarshalText; a slice of one of these takes every value of a repeated key (?id=1&id=2); a pointer to one tells an
// absent parameter (nil) from a zero.
//
// A value that is not valid is answered 400 before the handler runs, with one message list for each parameter. An
// absent one gives the zero value. Of a repeated key the last value counts, unless T is a slice. An empty value counts
// as absent, unless T is a string or a slice.
func Query[T any](name string) Param[T] {
	return newParam[T]("query", name)
}

// Path declares the type of a wildcard in the pattern of a route: Path[int64]("id") for a pattern with {id}.
// A request whose value is not valid is answered 404: there is nothing at that path.
// Wildcards that are not declared are documented as strings.
func Path[T any](name string) Param[T] {
	p := newParam[T]("path", name)
	p.spec.required = true
	return p
}

func newParam[T any](in, name string) Param[T] {
	spec := paramSpec{in: in, name: name, typ: reflect.TypeFor[T]()}
	spec.item, spec.err = scalarOf(spec.itemType())
	return Param[T]{spec}
}

// Describe returns a copy of the parameter with a description for the document.
func (p Param[T]) Describe(text string) Param[T] {
	p.spec.description = text
	return p
}

// Required returns a copy of the parameter that must be in each request: without it the answer is 400.
// Path parameters always are.
func (p Param[T]) Required() Param[T] {
	p.spec.required = true
	return p
}

// Default returns a copy of the parameter that has this value when the request does not name it.
func (p Param[T]) Default(value T) Param[T] {
	p.spec.fallback = reflect.ValueOf(&value).Elem()
	return p
}

// Get returns the value that the request carries. The route has checked it, so there is no error to handle.
// Get panics when the route that serves the request was not given this parameter: that is a mistake in the
// declaration, and it shows at the first request whatever that request contains.
func (p Param[T]) Get(r *http.Request) T {
	values, _ := r.Context().Value(valuesKey{}).(paramValues)
	value, ok := values[paramID{p.spec.in, p.spec.name}].(T)
	if !ok {
		panic(fmt.Sprintf("openapi: the route %q reads the %s parameter %q of type %s without declaring it: pass the parameter to HandleFunc or Handle as an option",
			r.Pattern, p.spec.in, p.spec.name, p.spec.typ))
	}
	return value
}

func (p Param[T]) apply(rt *route) error {
	return rt.addParam(p.spec)
}

// paramID identifies a parameter within one route.
type paramID struct{ in, name string }

// paramValues travel in the context of a request.
type paramValues map[paramID]any

type valuesKey struct{}

func withValues(r *http.Request, values paramValues) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), valuesKey{}, values))
}

func (s paramSpec) id() paramID { return paramID{s.in, s.name} }

func (s paramSpec) isList() bool {
	return s.typ.Kind() == reflect.Slice && !reflect.PointerTo(s.typ).Implements(unmarshalerType)
}

// itemType is the type of one value: the element of a list, what a pointer points to, else the type itself.
func (s paramSpec) itemType() reflect.Type {
	if s.isList() || s.typ.Kind() == reflect.Pointer {
		return s.typ.Elem()
	}
	return s.typ
}

// read gives the value for these texts, or adds to the complaints what is wrong with them.
func (s paramSpec) read(texts []string, complaints *apierror.Fields) (value any, ok bool) {
	if s.isList() && len(texts) > 0 {
		return s.readList(texts, complaints)
	}
	text := ""
	if len(texts) > 0 {
		text = texts[len(texts)-1]
	}
	if len(texts) == 0 || text == "" && !s.required && s.itemType().Kind() != reflect.String {
		if s.required {
			complaints.Add(s.name, "This field is required.")
		}
		return s.absent(), !s.required
	}
	dst := reflect.New(s.itemType())
	if complaint := s.item.parse(text, dst.Elem()); complaint != "" {
		complaints.Add(s.name, complaint)
		return nil, false
	}
	if s.typ.Kind() == reflect.Pointer {
		return dst.Interface(), true
	}
	return dst.Elem().Interface(), true
}

// misspells reports whether the text is another way to write the number: an object has one address, and /people/01/ is
// not /people/1/.
func (s paramSpec) misspells(text string, value any) bool {
	switch v := reflect.ValueOf(value); {
	case reflect.PointerTo(s.typ).Implements(unmarshalerType): // it has its own ways
		return false
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10) != text
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10) != text
	}
	return false
}

// readList complains by index, as validation does for a list of values.
func (s paramSpec) readList(texts []string, complaints *apierror.Fields) (value any, ok bool) {
	list := reflect.MakeSlice(s.typ, len(texts), len(texts))
	ok = true
	for i, text := range texts {
		if complaint := s.item.parse(text, list.Index(i)); complaint != "" {
			complaints.Object(s.name).Add(strconv.Itoa(i), complaint)
			ok = false
		}
	}
	return list.Interface(), ok
}

func (s paramSpec) absent() any {
	if !s.fallback.IsValid() {
		return reflect.Zero(s.typ).Interface()
	}
	if s.isList() { // each request has a list of its own
		return reflect.AppendSlice(reflect.Zero(s.typ), s.fallback).Interface()
	}
	return s.fallback.Interface()
}
