package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// errorComponent is the schema and the response of any error; schemas of declared errors begin with it and a dot.
const errorComponent = "Error"

func errorEnvelope() object {
	return object{
		{"type", "object"},
		{"description", "The body of every error. Clients tell errors apart by error_code."},
		{"required", []string{"code", "detail", "error_code"}},
		{"properties", object{
			{"code", object{{"type", "integer"}, {"description", "The status of the answer."}}},
			{"detail", object{{"type", []string{"object", "array"}}, {"description", "Messages, mostly by field."}}},
			{"error_code", object{{"type", "string"}, {"description", "SERVICE/CODE"}}},
		}},
	}
}

// failure is an error answer as the catalogue writes it.
type failure struct {
	name      string // of the example
	status    int
	body      json.RawMessage
	errorCode string
	declared  bool
}

// failures are the errors that a route may answer, by status: those that it declares, and those that its parameters
// and its body bring along.
func (b *builder) failures(rt *route) map[int][]failure {
	byStatus := map[int][]failure{}
	add := func(name string, err error, declared bool) {
		f := b.written(err)
		f.name, f.declared = name, declared
		if declared {
			f.name = f.errorCode
		}
		byStatus[f.status] = append(byStatus[f.status], f)
	}
	if err := rt.sampleComplaints(); err != nil {
		add("invalid query", err, false)
	}
	if rt.body != nil {
		var fields apierror.Fields
		fields.Add(rt.body.sampleField(), "This field is required.")
		add("invalid body", fields.Err(), false)
	}
	for _, p := range rt.params {
		if p.in == "path" {
			add("not found", apierror.NotFound(), false)
			break
		}
	}
	for _, err := range rt.fails {
		add("", err, true)
	}
	for _, err := range rt.forwards {
		add("", err, true)
	}
	return byStatus
}

// written lets the catalogue write an error, so that an example is what a client will really see.
func (b *builder) written(err error) failure {
	w := &memoryWriter{header: http.Header{}}
	b.errors.Write(w, nil, err)
	body := json.RawMessage(bytes.TrimSpace(w.body.Bytes()))
	var envelope struct {
		ErrorCode string `json:"error_code"`
	}
	_ = json.Unmarshal(body, &envelope) // what is no JSON fails when the document is marshalled
	return failure{status: w.status, body: body, errorCode: envelope.ErrorCode}
}

// memoryWriter keeps an answer.
type memoryWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *memoryWriter) Header() http.Header         { return w.header }
func (w *memoryWriter) WriteHeader(status int)      { w.status = status }
func (w *memoryWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// sampleComplaints is what a client is told about query parameters of nonsense, nil when any value is right.
func (rt *route) sampleComplaints() error {
	var complaints apierror.Fields
	for _, p := range rt.params {
		if p.in != "query" {
			continue
		}
		if _, ok := p.read([]string{"?"}, &complaints); ok && p.required {
			p.read(nil, &complaints)
		}
	}
	return complaints.Err()
}

// sampleField is a field that a body may lack.
func (b *body) sampleField() string {
	var schema struct {
		Required []string `json:"required"`
	}
	if json.Unmarshal(b.schema, &schema) == nil && len(schema.Required) > 0 {
		return schema.Required[0]
	}
	return "non_field_errors"
}

// failureResponse documents the errors of one status: oneOf of their schemas, which differ in error_code, and an
// example of each.
func (b *builder) failureResponse(failures []failure) object {
	var (
		oneOf    []object
		mapping  object
		examples object
		codes    []string
	)
	for _, f := range failures {
		name := b.failureSchema(f)
		if !mapping.has(f.errorCode) {
			ref := reference("schemas", name)
			oneOf = append(oneOf, ref)
			mapping.add(f.errorCode, ref[0].value)
			codes = append(codes, "`"+f.errorCode+"`")
		}
		if !examples.has(f.name) {
			examples.add(f.name, object{{"value", f.body}})
		}
	}
	return object{
		{"description", http.StatusText(failures[0].status) + ": " + strings.Join(codes, ", ")},
		{"content", object{{jsonType, object{
			{"schema", object{
				{"oneOf", oneOf},
				{"discriminator", object{{"propertyName", "error_code"}, {"mapping", mapping}}},
			}},
			{"examples", examples},
		}}}},
	}
}

// failureSchema names the schema of an error and brings it into the document.
func (b *builder) failureSchema(f failure) string {
	name := errorComponent + "." + strings.Map(func(r rune) rune {
		if r < 0x80 && componentName.MatchString(string(r)) {
			return r
		}
		return '.'
	}, f.errorCode)
	code, detail := object{{"type", "integer"}}, object{{"type", []string{"object", "array"}}}
	if f.declared {
		code.add("const", f.status)
		detail = object{{"type", "object"}, {"additionalProperties", object{{"type", []string{"array", "object"}}}}}
	}
	b.schemas[name] = object{
		{"type", "object"},
		{"required", []string{"code", "detail", "error_code"}},
		{"properties", object{
			{"code", code},
			{"detail", detail},
			{"error_code", object{{"type", "string"}, {"const", f.errorCode}}},
		}},
	}
	return name
}

// reserved tells whether a schema of a serializer would hide one of the errors.
func reserved(name string) error {
	if name == errorComponent || strings.HasPrefix(name, errorComponent+".") {
		return fmt.Errorf("the schema name %q belongs to the error answers; give the serializer another name", name)
	}
	return nil
}
