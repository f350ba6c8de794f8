package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// route is a documented route.
type route struct {
	pattern
	own         func(*apierror.Declared) bool
	summary     string
	description string
	tags        []string
	params      []paramSpec
	body        *body
	answers     []answer
	fails       []*apierror.Declared
	forwards    []forward
}

type body struct {
	component
	required bool
}

type answer struct {
	status int
	body   *component // nil: no body
	list   bool
}

// component is a named schema of the document.
type component struct {
	name   string
	schema json.RawMessage
}

func (rt *route) addParam(p paramSpec) error {
	switch {
	case p.err != nil:
		return fmt.Errorf("%s parameter %q: %w", p.in, p.name, p.err)
	case p.name == "":
		return fmt.Errorf("a %s parameter has no name", p.in)
	case slices.ContainsFunc(rt.params, func(other paramSpec) bool { return other.id() == p.id() }):
		return fmt.Errorf("the %s parameter %q is given twice; keep one", p.in, p.name)
	case p.in == "path" && !slices.Contains(rt.wildcards, p.name):
		return fmt.Errorf("the pattern has no wildcard {%s} for Path(%q); it has %q", p.name, p.name, rt.wildcards)
	case p.in == "path" && (p.isList() || p.fallback.IsValid()):
		return fmt.Errorf("the path parameter %q can be neither a list nor have a default", p.name)
	case p.required && p.fallback.IsValid():
		return fmt.Errorf("the query parameter %q is required and has a default; drop one of the two", p.name)
	}
	rt.params = append(rt.params, p)
	return nil
}

func (rt *route) setBody(c component, required bool) error {
	if rt.body != nil {
		return errors.New("the route accepts two bodies; keep one of Accepts and AcceptsPartial")
	}
	rt.body = &body{c, required}
	return nil
}

// components lists the schemas that the route brings into the document.
func (rt *route) components() []component {
	var all []component
	if rt.body != nil {
		all = append(all, rt.body.component)
	}
	for _, a := range rt.answers {
		if a.body != nil {
			all = append(all, *a.body)
		}
	}
	return all
}

// ownReference is the beginning of a reference into the schema that holds it, or into the document.
var ownReference = regexp.MustCompile(`"\$ref": *"#(/components/)?`)

var componentName = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

// normal returns the component as it stands in the document: compact, with references into the schema itself
// pointing to its new place.
func (c component) normal() (component, error) {
	if !componentName.MatchString(c.name) {
		return component{}, fmt.Errorf("schema name %q: use letters, digits, \".\", \"_\" and \"-\", as in \"Person\"", c.name)
	}
	if err := reserved(c.name); err != nil {
		return component{}, err
	}
	var buf bytes.Buffer
	if err := json.Compact(&buf, c.schema); err != nil {
		return component{}, fmt.Errorf("the schema of %s is not JSON: %w", c.name, err)
	}
	return component{c.name, moved(buf.Bytes(), c.name)}, nil
}

// moved lets references of a compact schema into itself point to its place below the schemas of the document.
func moved(schema json.RawMessage, place string) json.RawMessage {
	return ownReference.ReplaceAllFunc(schema, func(ref []byte) []byte {
		if bytes.HasSuffix(ref, []byte("/components/")) {
			return ref // it knows the document
		}
		return []byte(`"$ref":"#/components/schemas/` + place)
	})
}

// bind reads all declared parameters of a request. The error is what the client is to be told.
func (rt *route) bind(r *http.Request) (*http.Request, error) {
	if len(rt.params) == 0 {
		return r, nil
	}
	var complaints apierror.Fields
	var query url.Values
	values := make(paramValues, len(rt.params))
	for _, p := range rt.params {
		if p.in == "path" {
			text := r.PathValue(p.name)
			value, ok := p.read([]string{text}, &complaints)
			if !ok || p.misspells(text, value) {
				return nil, apierror.NotFound()
			}
			values[p.id()] = value
			continue
		}
		if query == nil {
			var err error
			if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
				return nil, apierror.ParseError("Malformed query string.")
			}
		}
		values[p.id()], _ = p.read(query[p.name], &complaints)
	}
	if err := complaints.Err(); err != nil {
		return nil, err
	}
	return withValues(r, values), nil
}
