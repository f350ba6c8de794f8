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
	text      string          // of the declaration
	detail    json.RawMessage // schema of the details that occurrences bring
}

// forward is an error of another service that a route passes on.
type forward struct {
	err      error
	declared *apierror.Declared // nil for one that is made by hand
}

// failures are the errors that a route may answer, by status: those that it declares, and those that its parameters
// and its body bring along.
func (b *builder) failures(rt *route) map[int][]failure {
	byStatus := map[int][]failure{}
	add := func(name string, err error) {
		f := b.written(err)
		f.name = name
		byStatus[f.status] = append(byStatus[f.status], f)
	}
	addDeclared := func(err error, declaration *apierror.Declared) {
		f := b.declared(err, declaration)
		byStatus[f.status] = append(byStatus[f.status], f)
	}
	if err := rt.sampleComplaints(); err != nil {
		add("invalid query", err)
	}
	if rt.body != nil {
		var fields apierror.Fields
		fields.Add(rt.body.sampleField(), "This field is required.")
		add("invalid body", fields.Err())
	}
	for _, p := range rt.params {
		if p.in == "path" {
			add("not found", apierror.NotFound())
			break
		}
	}
	for _, err := range rt.fails {
		addDeclared(err, err)
	}
	for _, f := range rt.forwards {
		addDeclared(f.err, f.declared)
	}
	return byStatus
}

// declared is a failure with a code of its own; declaration is nil for one that is made by hand.
func (b *builder) declared(err error, declaration *apierror.Declared) failure {
	f := b.written(err)
	f.name, f.declared = f.errorCode, true
	if declaration != nil {
		f.text, f.detail = declaration.Detail(), declaration.DetailSchema()
	}
	return f
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

// failureKind is what has a schema of its own: a code, and for a declared error the status, which is a constant there.
type failureKind struct {
	errorCode string
	status    int
}

// failureSchema names the schema of an error and brings it into the document.
func (b *builder) failureSchema(f failure) string {
	kind := failureKind{errorCode: f.errorCode}
	if f.declared {
		kind.status = f.status
	}
	if name, ok := b.failureNames[kind]; ok {
		return name
	}
	name := errorComponent + "." + strings.Map(func(r rune) rune {
		if r < 0x80 && componentName.MatchString(string(r)) {
			return r
		}
		return '.'
	}, f.errorCode)
	for first, n := name, 2; b.schemas[name] != nil; n++ { // the code with another status, or one that is alike but for odd characters
		name = fmt.Sprintf("%s_%d", first, n)
	}
	b.failureNames[kind] = name

	code, detail := object{{"type", "integer"}}, any(object{{"type", []string{"object", "array"}}})
	if f.declared {
		code.add("const", f.status)
		detail = f.detailSchema(name)
	}
	schema := object{{"type", "object"}}
	schema.addText("description", f.text)
	schema.add("required", []string{"code", "detail", "error_code"})
	schema.add("properties", object{
		{"code", code},
		{"detail", detail},
		{"error_code", object{{"type", "string"}, {"const", f.errorCode}}},
	})
	if f.declared {
		schema.add("examples", []json.RawMessage{f.body})
	}
	b.schemas[name] = schema
	return name
}

// detailSchema describes the detail of a declared error: what its declaration says, or messages alone.
func (f failure) detailSchema(component string) any {
	if f.detail == nil {
		return object{{"type", "object"}, {"additionalProperties", object{{"type", []string{"array", "object"}}}}}
	}
	messages := object{
		{"type", "object"},
		{"properties", object{{apierror.NonField, object{{"type", "array"}}}}},
		{"required", []string{apierror.NonField}},
		{"additionalProperties", false},
	}
	return object{{"anyOf", []any{moved(f.detail, component+"/properties/detail/anyOf/0"), messages}}}
}

// reserved tells whether a schema of a serializer would hide one of the errors.
func reserved(name string) error {
	if name == errorComponent || strings.HasPrefix(name, errorComponent+".") {
		return fmt.Errorf("the schema name %q belongs to the error answers; give the serializer another name", name)
	}
	return nil
}
