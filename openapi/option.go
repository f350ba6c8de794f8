package openapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Option says one thing about a documented route. The options are the functions of this package that return one, and
// every [Param].
type Option interface {
	apply(*route) error
}

type optionFunc func(*route) error

func (f optionFunc) apply(rt *route) error { return f(rt) }

// Output describes what a route answers. Serializers and their tiny views implement it, and [Schema] does for anything else.
type Output interface {
	// SchemaName names the schema among the components of the document: "Person".
	SchemaName() string
	// OutputSchema is the JSON Schema of the answer.
	OutputSchema() json.RawMessage
}

// Input describes the body that a route accepts. Serializers implement it.
type Input interface {
	SchemaName() string
	// InputSchema is the JSON Schema of a complete body.
	InputSchema() json.RawMessage
}

// PartialInput describes the body of a partial update. Serializers implement it.
type PartialInput interface {
	SchemaName() string
	// PartialSchema is the JSON Schema of a body in which everything may be absent.
	PartialSchema() json.RawMessage
}

// Schema is an [Output] and [Input] that a serializer did not make: a name and a JSON Schema.
func Schema(name string, schema json.RawMessage) interface {
	Output
	Input
} {
	return namedSchema{name, schema}
}

type namedSchema struct {
	name   string
	schema json.RawMessage
}

func (s namedSchema) SchemaName() string            { return s.name }
func (s namedSchema) OutputSchema() json.RawMessage { return s.schema }
func (s namedSchema) InputSchema() json.RawMessage  { return s.schema }

// Accepts documents the JSON body of the request. The handler decodes it, with the same serializer.
func Accepts(in Input) Option {
	return optionFunc(func(rt *route) error {
		if in == nil {
			return errors.New("Accepts was given nil; give it the serializer that decodes the body")
		}
		return rt.setBody(component{in.SchemaName() + "Input", in.InputSchema()}, true)
	})
}

// AcceptsPartial documents a JSON body in which everything may be absent, as PATCH takes it.
func AcceptsPartial(in PartialInput) Option {
	return optionFunc(func(rt *route) error {
		if in == nil {
			return errors.New("AcceptsPartial was given nil; give it the serializer that decodes the body")
		}
		return rt.setBody(component{in.SchemaName() + "Partial", in.PartialSchema()}, false)
	})
}

// Returns documents an answer: its status and, unless it has no body, what is in it. A route may have several.
func Returns(status int, output ...Output) Option {
	return returns(status, false, output)
}

// ReturnsList documents an answer that is a JSON array.
func ReturnsList(status int, item Output) Option {
	return returns(status, true, []Output{item})
}

func returns(status int, list bool, output []Output) Option {
	return optionFunc(func(rt *route) error {
		if http.StatusText(status) == "" {
			return fmt.Errorf("status %d is not a known status of HTTP", status)
		}
		if len(output) > 1 || slices.Contains(output, nil) {
			return fmt.Errorf("the answer with status %d takes one serializer, or none for an answer without a body", status)
		}
		if slices.ContainsFunc(rt.answers, func(a answer) bool { return a.status == status }) {
			return fmt.Errorf("status %d is documented twice; keep one", status)
		}
		a := answer{status: status, list: list}
		if len(output) == 1 {
			a.body = &component{output[0].SchemaName(), output[0].OutputSchema()}
		}
		rt.answers = append(rt.answers, a)
		return nil
	})
}

// Fails documents the declared errors that the handler may return. They belong to the catalogue of the API; for an
// error of another service that is passed on use [Forwards].
func Fails(errs ...*apierror.Declared) Option {
	return optionFunc(func(rt *route) error {
		for _, err := range errs {
			if err == nil {
				return errors.New("Fails was given nil; give it an error that the catalogue declares")
			}
			if !rt.own(err) {
				return fmt.Errorf("%s is not declared in the catalogue of this API; declare it there, or document an error of another service that is passed on with Forwards", err.Code())
			}
		}
		rt.fails = append(rt.fails, errs...)
		return nil
	})
}

// Forwards documents errors of other services that the handler passes on to its caller. A declared error of another
// service is documented as it is passed on, with status 422; any other error, such as an [apierror.Proxy] made by hand
// or with [apierror.KeepStatus], as the catalogue writes it.
func Forwards(errs ...error) Option {
	return optionFunc(func(rt *route) error {
		for _, err := range errs {
			if err == nil {
				return errors.New("Forwards was given nil; give it an error that another service declares")
			}
			declared, ok := errors.AsType[*apierror.Declared](err)
			if ok && rt.own(declared) {
				return fmt.Errorf("%s is declared in the catalogue of this API: document it with Fails", declared.Code())
			}
			if ok {
				err = apierror.NewProxy(declared.Code(), declared.ErrorDetail())
			}
			rt.forwards = append(rt.forwards, forward{err, declared})
		}
		return nil
	})
}

// Summary is one line for the document that says what the route does.
func Summary(text string) Option {
	return optionFunc(func(rt *route) error { rt.summary = text; return nil })
}

// Description is the longer text for the document, in CommonMark.
func Description(text string) Option {
	return optionFunc(func(rt *route) error { rt.description = text; return nil })
}

// Tags groups the route with others in the document. Without tags the first telling segment of its path is the group.
func Tags(tags ...string) Option {
	return optionFunc(func(rt *route) error { rt.tags = tags; return nil })
}
