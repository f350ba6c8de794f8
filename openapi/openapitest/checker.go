package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A Checker compares answers with an OpenAPI document. [NewChecker] makes it.
type Checker struct {
	document document
	schemas  *schemas
	common   []string // the codes of errors without a code of their own: that of the service
}

// document is what is read of an OpenAPI document.
type document struct {
	OpenAPI    string `json:"openapi"`
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Schemas   map[string]json.RawMessage
		Responses map[string]response
	}
}

type operation struct {
	Responses map[string]response
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Schema json.RawMessage
	}
}

const jsonType = "application/json"

// NewChecker reads a document of OpenAPI 3.1, as openapi.API makes it.
func NewChecker(text json.RawMessage) (*Checker, error) {
	c := &Checker{}
	if err := json.Unmarshal(text, &c.document); err != nil {
		return nil, fmt.Errorf("openapitest: the document cannot be read: %w", err)
	}
	if !strings.HasPrefix(c.document.OpenAPI, "3.1") {
		return nil, fmt.Errorf("openapitest: this is no document of OpenAPI 3.1 (openapi: %q)", c.document.OpenAPI)
	}
	c.schemas = newSchemas(c.document.Components.Schemas)
	for _, raw := range c.document.Components.Schemas {
		var s struct {
			Properties struct {
				Code      struct{ Const *int }
				ErrorCode struct{ Const string } `json:"error_code"`
			}
		}
		if json.Unmarshal(raw, &s) == nil && s.Properties.ErrorCode.Const != "" && s.Properties.Code.Const == nil {
			c.common = append(c.common, s.Properties.ErrorCode.Const)
		}
	}
	return c, nil
}

// Knows reports whether the document has the route of a request. The path is escaped, as in the request.
func (c *Checker) Knows(method, path string) bool {
	_, _, ok := c.route(method, path)
	return ok
}

// Check returns an error when an answer to a request is not as the document says; the text says what differs and what
// would be right. An answer of a route that the document does not have is right.
func (c *Checker) Check(method, path string, status int, header http.Header, body []byte) error {
	template, op, ok := c.route(method, path)
	if !ok {
		return nil
	}
	a := answer{status: status, contentType: header.Get("Content-Type"), body: body, head: method == http.MethodHead}
	if err := c.check(op, a); err != nil {
		return fmt.Errorf("openapi, strict mode: %s %s (%s) %w", method, path, template, err)
	}
	return nil
}

// answer is what a route answered.
type answer struct {
	status      int
	contentType string
	body        []byte
	head        bool // the body of an answer to HEAD is never sent
}

// errorCode is that of the error that is answered, "" if it is none.
func (a answer) errorCode() string {
	var envelope struct {
		ErrorCode string `json:"error_code"`
	}
	if json.Unmarshal(a.body, &envelope) != nil {
		return ""
	}
	return envelope.ErrorCode
}

func (c *Checker) check(op operation, a answer) error {
	if documented, ok := op.Responses[strconv.Itoa(a.status)]; ok {
		return c.compare(c.resolve(documented), a, c.codes(documented))
	}
	code := a.errorCode()
	fallback, ok := op.Responses["default"]
	switch {
	case code != "" && !slices.Contains(c.common, code):
		return fmt.Errorf("answered %d with %s, which the route does not declare for this status: add it to openapi.Fails (openapi.Forwards for an error of another service)%s",
			a.status, code, body(a))
	case a.status < http.StatusBadRequest || !ok:
		return fmt.Errorf("answered %d, which the route does not document (it has %s): add openapi.Returns(%d, ...)%s",
			a.status, strings.Join(slices.Sorted(maps.Keys(op.Responses)), ", "), a.status, body(a))
	case a.status >= http.StatusInternalServerError:
		return fmt.Errorf("answered %d: an unknown failure, the log of the service tells which; declare the error if clients may see it%s", a.status, body(a))
	}
	return c.compare(c.resolve(fallback), a, nil)
}

// compare looks at content type and body. codes are those of the errors that may be answered, for the message.
func (c *Checker) compare(documented response, a answer, codes []string) error {
	media, ok := documented.Content[jsonType]
	if !ok {
		if len(a.body) > 0 && !a.head {
			return fmt.Errorf("answered %d with a body, and documents none: give openapi.Returns the serializer%s", a.status, body(a))
		}
		return nil
	}
	if got, _, _ := mime.ParseMediaType(a.contentType); got != jsonType {
		return fmt.Errorf("answered %d with the content type %q; documented is %s", a.status, a.contentType, jsonType)
	}
	if a.head {
		return nil
	}
	if !json.Valid(a.body) {
		return fmt.Errorf("answered %d with a body that is no JSON%s", a.status, body(a))
	}
	if code := a.errorCode(); len(codes) > 0 && !slices.Contains(codes, code) {
		return fmt.Errorf("answered %d with %q; documented for this status: %s%s", a.status, code, strings.Join(codes, ", "), body(a))
	}
	if err := c.schemas.validate(media.Schema, a.body); err != nil {
		return fmt.Errorf("answered %d with a body that is not as documented:\n\t%w%s", a.status, err, body(a))
	}
	return nil
}

// resolve follows a reference to a response of the document.
func (c *Checker) resolve(r response) response {
	if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
		return c.document.Components.Responses[name]
	}
	return r
}

// codes lists the errors of a documented status.
func (c *Checker) codes(r response) []string {
	var schema struct {
		Discriminator struct {
			PropertyName string
			Mapping      map[string]string
		}
	}
	if json.Unmarshal(r.Content[jsonType].Schema, &schema) != nil || schema.Discriminator.PropertyName != "error_code" {
		return nil
	}
	return slices.Sorted(maps.Keys(schema.Discriminator.Mapping))
}

// body shows the beginning of what was answered.
func body(a answer) string {
	const shown = 1000
	text := bytes.TrimSpace(a.body)
	if len(text) == 0 {
		return ""
	}
	if len(text) > shown {
		text = append(bytes.Clone(text[:shown]), "..."...)
	}
	return "\n\tbody: " + string(text)
}
