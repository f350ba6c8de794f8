package apierror

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

const (
	defaultCode   = "DEFAULT_EXCEPTION"
	defaultDetail = "Invalid input."
	defaultStatus = http.StatusUnprocessableEntity
)

// A Catalog holds the errors that one service declares. Make one with [NewCatalog], at package level, in the package
// that the callers of the service import. It is safe for concurrent use.
type Catalog struct {
	service  string // as on the wire: upper case
	fallback string // the code of what is not declared

	mu       sync.Mutex
	declared []*Declared
	places   map[string]string // code -> where it was declared
	mistakes []error
}

// NewCatalog returns an empty catalog. Its service name, in upper case, begins the code of every error declared in it:
// "hrm" gives "HRM/EMAIL_TAKEN". NewCatalog never panics: [Catalog.Err] reports a name that cannot be used.
func NewCatalog(service string) *Catalog {
	name := strings.ToUpper(service)
	c := &Catalog{service: name, fallback: name + "/" + defaultCode, places: map[string]string{}}
	if why := unusable(service); why != "" {
		c.mistakes = append(c.mistakes, fmt.Errorf("apierror: catalog %q: the service name %s", service, why))
	}
	return c
}

// Service returns the name of the service as it is on the wire: "HRM".
func (c *Catalog) Service() string { return c.service }

// DefaultCode returns the code of every error that is not declared: "HRM/DEFAULT_EXCEPTION".
func (c *Catalog) DefaultCode() string { return c.fallback }

// An Option changes how an error is declared.
type Option func(*Declared)

// Status declares the HTTP status of an error, from 400 to 599. The default is 422.
func Status(code int) Option {
	return func(d *Declared) { d.base.status = code }
}

// Detail declares what is sent, instead of the text alone, unless an occurrence brings its own: a list of texts, or a
// map or struct of fields, as in [Error.With]. The text stays the description of the error. It must not be changed
// afterwards.
func Detail(detail any) Option {
	return func(d *Declared) { d.base.detail = detail }
}

// DetailSchema declares the JSON Schema of the details that occurrences bring, for documents. It describes what is
// sent, an object whose values are lists of texts or objects:
//
//	{"type": "object", "properties": {"email": {"type": "array", "items": {"type": "string"}}}, "required": ["email"]}
//
// It is in keywords that draft-07 and 2020-12 share. Nothing is checked against it while a service runs; the strict
// mode of package openapi does so in tests.
func DetailSchema(schema json.RawMessage) Option {
	return func(d *Declared) { d.schema = schema }
}

// Declare adds an error to the catalog: its code without the service ("EMAIL_TAKEN") and the text that is sent unless
// an occurrence brings its own ("" means "Invalid input."). The result is itself an error.
//
// Declare never panics, because whoever imports the declaring package could not mend it. A code that is used twice or
// cannot be used, a status that is none of an error, a detail that is no JSON and a schema that is no JSON object are
// reported by [Catalog.Err].
func (c *Catalog) Declare(code, detail string, opts ...Option) *Declared {
	if detail == "" {
		detail = defaultDetail
	}
	d := &Declared{base: Error{code: c.service + "/" + code, status: defaultStatus, form: formObject, detail: detail}, text: detail}
	for _, opt := range opts {
		opt(d)
	}
	place := "an unknown place"
	if _, file, line, ok := runtime.Caller(1); ok {
		place = fmt.Sprintf("%s:%d", file, line)
	}

	c.mu.Lock()
	defer c.mu.Unlock()
	mistake := func(format string, args ...any) {
		c.mistakes = append(c.mistakes, fmt.Errorf("apierror: catalog %q: "+format, append([]any{c.service}, args...)...))
	}
	if why := unusable(code); why != "" {
		mistake("the code %q, declared at %s, %s", code, place, why)
	}
	if code == defaultCode {
		mistake("the code %s, declared at %s, is that of everything that is not declared: choose another", code, place)
	}
	if first, ok := c.places[code]; ok {
		mistake("the code %s is declared at %s and at %s: give one of them another code", code, first, place)
	} else {
		c.places[code] = place
	}
	if !isError(d.base.status) {
		mistake("the status %d of %s, declared at %s, is none of an error: use one from 400 to 599", d.base.status, code, place)
		d.base.status = defaultStatus
	}
	var schema map[string]any
	if d.schema != nil && (json.Unmarshal(d.schema, &schema) != nil || schema == nil) {
		mistake("the schema of the detail of %s, declared at %s, is no JSON object", code, place)
		d.schema = nil
	}
	var err error
	if d.base.body, err = encode(&d.base, d.base.code, nil); err != nil {
		mistake("the detail of %s, declared at %s, cannot be sent: %w", code, place, err)
	}
	c.declared = append(c.declared, d)
	return d
}

// All returns the declared errors in the order of their declaration.
func (c *Catalog) All() []*Declared {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.declared)
}

// Err reports every mistake in the declarations, nil when there is none: codes declared twice, codes and service names
// that cannot be used, statuses that are none of an error, details that are no JSON. Each text names the places and what would be right. A
// service checks it at start-up; [Catalog.Writer] and [Catalog.Handler] do.
func (c *Catalog) Err() error {
	if c == nil {
		return errors.New("apierror: there is no catalog: make one with apierror.NewCatalog and the name of the service")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.mistakes...)
}

// unusable says why a name cannot be a part of a full code, "" when it can. Inner spaces are allowed: services in use
// have such codes.
func unusable(name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.Contains(name, "/"):
		return `contains "/", which stands between service and code: give the code alone`
	case strings.TrimSpace(name) != name:
		return "begins or ends with a space"
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "contains characters that are not printable"
	}
	return ""
}

func isError(status int) bool { return status >= 400 && status <= 599 }
