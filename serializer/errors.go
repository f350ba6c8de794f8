package serializer

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// NonField is the key under which errors about an object as a whole stand.
const NonField = "non_field_errors"

// ErrInvalid is what errors.Is finds in every *Errors that Decode and its siblings return.
var ErrInvalid = errors.New("serializer: invalid input")

// Message is one thing that is wrong: a text for people and a code for programs, as Django REST Framework has them.
type Message struct{ Code, Text string }

// Errors is all that is wrong with one input: messages on a value, or errors inside an object or a list. At most one of the three is set.
// Decode, Patch, Update and their siblings return it; HTTPStatus and ErrorDetail make apierror answer it with 400.
type Errors struct {
	Messages []Message
	Fields   []FieldErrors // by name, in the order of the declaration; for a list of plain values by index
	Items    []*Errors     // one for each object of a list, nil where all is right
}

// FieldErrors is what is wrong with one field.
type FieldErrors struct {
	Name string
	*Errors
}

// Field finds the errors of a field; nil when it has none. It goes deeper with more names: errs.Field("address", "city").
func (e *Errors) Field(names ...string) *Errors {
	for _, name := range names {
		if e == nil {
			return nil
		}
		next := (*Errors)(nil)
		for _, f := range e.Fields {
			if f.Name == name {
				next = f.Errors
			}
		}
		if i, err := strconv.Atoi(name); next == nil && err == nil && i >= 0 && i < len(e.Items) {
			next = e.Items[i]
		}
		e = next
	}
	return e
}

// HTTPStatus is 400.
func (e *Errors) HTTPStatus() int { return http.StatusBadRequest }

// ErrorDetail is the errors themselves, which encode to JSON as Django REST Framework answers them.
func (e *Errors) ErrorDetail() any { return e }

// Is reports true for ErrInvalid.
func (e *Errors) Is(target error) bool { return target == ErrInvalid }

// Error lists the wrong fields with their messages, for logs.
func (e *Errors) Error() string {
	var b strings.Builder
	b.WriteString("invalid input: ")
	e.write(&b, "")
	return b.String()
}

const maxErrorText = 2000 // an error of thousands of fields does not fill a log

func (e *Errors) write(b *strings.Builder, path string) {
	if e == nil || b.Len() > maxErrorText {
		return
	}
	for _, m := range e.Messages {
		if b.Len() > len("invalid input: ") {
			b.WriteString("; ")
		}
		if path != "" {
			b.WriteString(path + ": ")
		}
		b.WriteString(m.Text)
	}
	if path != "" {
		path += "."
	}
	for _, f := range e.Fields {
		f.write(b, path+f.Name)
	}
	for i, item := range e.Items {
		item.write(b, path+strconv.Itoa(i))
	}
}

// MarshalJSON writes the texts in the shape of Django REST Framework: a list for messages, an object for fields, a list with {} for objects
// that are right.
func (e *Errors) MarshalJSON() ([]byte, error) { return e.append(nil, false), nil }

// Codes is the JSON of MarshalJSON with the codes in place of the texts.
func (e *Errors) Codes() []byte { return e.append(nil, true) }

func (e *Errors) append(dst []byte, codes bool) []byte {
	switch {
	case e == nil:
		return append(dst, "{}"...)
	case e.Messages != nil:
		dst = append(dst, '[')
		for i, m := range e.Messages {
			if i > 0 {
				dst = append(dst, ',')
			}
			if codes {
				dst = appendString(dst, m.Code)
			} else {
				dst = appendString(dst, m.Text)
			}
		}
		return append(dst, ']')
	case e.Items != nil:
		dst = append(dst, '[')
		for i, item := range e.Items {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = item.append(dst, codes)
		}
		return append(dst, ']')
	}
	dst = append(dst, '{')
	for i, f := range e.Fields {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, f.Name), ':')
		dst = f.append(dst, codes)
	}
	return append(dst, '}')
}

// Invalid is an error for checks that carries a code beside its text. Without it the code is "invalid".
func Invalid(code, text string) error { return &invalid{Message{code, text}} }

type invalid struct{ m Message }

func (i *invalid) Error() string { return i.m.Text }

// At says, in a Check across fields, which field an error is about: At(&p.Email, err) with the p of the check.
func At[V any](field *V, err error) error {
	if err == nil {
		return nil
	}
	return &placed{addrOf(field), err}
}

type placed struct {
	field addr
	err   error
}

func (p *placed) Error() string { return p.err.Error() }
func (p *placed) Unwrap() error { return p.err }

// eachMessage calls report for every message in err, joined ones one by one, with the field that At gave.
func eachMessage(err error, field addr, report func(Message, addr)) {
	var i *invalid
	switch e := err.(type) { //nolint:errorlint // the shape of this very error is taken apart here, layer by layer
	case *placed:
		eachMessage(e.err, e.field, report)
		return
	case interface{ Unwrap() []error }:
		some := false
		for _, one := range e.Unwrap() {
			if one != nil {
				some = true
				eachMessage(one, field, report)
			}
		}
		if some { // one that joins nothing is an error still
			return
		}
	}
	if errors.As(err, &i) {
		report(Message{i.m.Code, err.Error()}, field)
		return
	}
	report(Message{"invalid", err.Error()}, field)
}
