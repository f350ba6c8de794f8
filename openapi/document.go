package openapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

const jsonType = "application/json"

// Document is the OpenAPI 3.1 document of all routes that are registered by now, as compact JSON. It is built once and
// must not be changed by the caller. The error names a part that is no JSON.
func (a *API) Document() (json.RawMessage, error) {
	a.mu.Lock()
	build := a.document
	a.mu.Unlock()
	return build()
}

// DocumentHandler serves the document with an ETag; mount it as "GET /openapi.json".
func (a *API) DocumentHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, err := a.Document()
		if err != nil {
			a.errors.Write(w, r, err)
			return
		}
		header := w.Header()
		header.Set("Content-Type", jsonType)
		header.Set("Cache-Control", "no-cache")
		header.Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(document)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(document))
	})
}

// builder collects the parts of a document.
type builder struct {
	routes       []*route
	errors       *apierror.Writer // silent and in the language of the declarations
	schemas      map[string]any   // by component name
	failureNames map[failureKind]string
	ids          map[string]int // how often an operationId was wanted
}

// builder returns one that holds the schemas of all routes and of every declared error: also one that no route
// documents may be answered. a.mu is held.
func (a *API) builder() (*builder, error) {
	writer, err := a.config.Errors.Writer(apierror.WriterConfig{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("openapi: building the document: %w", err)
	}
	b := &builder{
		routes: a.routes, errors: writer, schemas: map[string]any{errorComponent: errorEnvelope()},
		failureNames: map[failureKind]string{}, ids: map[string]int{},
	}
	for name, c := range a.components {
		b.schemas[name] = c.schema
	}
	b.failureSchema(failure{errorCode: a.config.Errors.DefaultCode(), text: "Every error without a code of its own."})
	for _, err := range a.config.Errors.All() {
		b.failureSchema(b.declared(err, err))
	}
	return b, nil
}

func (a *API) build() (json.RawMessage, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, err := a.builder()
	if err != nil {
		return nil, err
	}
	info := object{{"title", a.config.Title}, {"version", a.config.Version}}
	info.addText("description", a.config.Description)
	document, err := json.Marshal(object{
		{"openapi", "3.1.0"},
		{"info", info},
		{"paths", b.paths()},
		{"components", b.components()},
	})
	if err != nil {
		return nil, fmt.Errorf("openapi: building the document: %w", err)
	}
	return document, nil
}

// components are what operations refer to; it is called after they are built.
func (b *builder) components() object {
	return object{
		{"schemas", b.sortedSchemas()},
		{"responses", object{{errorComponent, object{
			{"description", "Any other error."},
			{"content", object{{jsonType, object{
				{"schema", reference("schemas", errorComponent)},
				{"examples", object{
					{"not allowed", object{{"value", b.written(apierror.Forbidden()).body}}},
					{"unknown failure", object{{"value", b.written(errUnknown).body}}},
				}},
			}}}},
		}}}},
	}
}

var errUnknown = errors.New("a failure that is not declared")

func (b *builder) sortedSchemas() object {
	var all object
	for _, name := range slices.Sorted(maps.Keys(b.schemas)) {
		all.add(name, b.schemas[name])
	}
	return all
}

func (b *builder) paths() object {
	paths := object{}
	for _, rt := range b.routes {
		if paths.has(rt.path) {
			continue
		}
		var operations object
		for _, other := range b.routes {
			if other.path == rt.path {
				operations.add(strings.ToLower(other.method), b.operation(other))
			}
		}
		paths.add(rt.path, operations)
	}
	return paths
}

func (b *builder) operation(rt *route) object {
	var op object
	if rt.tags != nil {
		op.add("tags", rt.tags)
	} else if tag := rt.tag(); tag != "" {
		op.add("tags", []string{tag})
	}
	op.addText("summary", rt.summary)
	op.addText("description", rt.description)
	op.add("operationId", b.uniqueID(rt.operationID()))
	if params := parameters(rt); len(params) > 0 {
		op.add("parameters", params)
	}
	if rt.body != nil {
		op.add("requestBody", object{
			{"required", rt.body.required},
			{"content", content(reference("schemas", rt.body.name))},
		})
	}
	op.add("responses", b.responses(rt))
	return op
}

func (b *builder) uniqueID(id string) string {
	b.ids[id]++
	if n := b.ids[id]; n > 1 {
		return b.uniqueID(fmt.Sprintf("%s_%d", id, n))
	}
	return id
}

// parameters lists the wildcards in the order of the path and then the query.
func parameters(rt *route) []object {
	var all []object
	for _, name := range rt.wildcards {
		i := slices.IndexFunc(rt.params, func(p paramSpec) bool { return p.id() == paramID{"path", name} })
		if i < 0 {
			all = append(all, object{
				{"name", name}, {"in", "path"}, {"required", true}, {"schema", object{{"type", "string"}}},
			})
			continue
		}
		all = append(all, rt.params[i].document())
	}
	for _, p := range rt.params {
		if p.in == "query" {
			all = append(all, p.document())
		}
	}
	return all
}

func (s paramSpec) document() object {
	schema := slices.Clone(s.item.schema)
	if s.isList() {
		schema = object{{"type", "array"}, {"items", schema}}
	}
	if s.fallback.IsValid() {
		schema.add("default", s.fallback.Interface())
	}
	param := object{{"name", s.name}, {"in", s.in}}
	param.addText("description", s.description)
	if s.required {
		param.add("required", true)
	}
	param.add("schema", schema)
	return param
}

// responses documents the answers of the route, its errors by status and the envelope for any other error.
func (b *builder) responses(rt *route) object {
	var all object
	failures := b.failures(rt)
	for _, a := range rt.answers {
		response := object{{"description", http.StatusText(a.status)}}
		if a.body != nil {
			schema := reference("schemas", a.body.name)
			if a.list {
				schema = object{{"type", "array"}, {"items", schema}}
			}
			response.add("content", content(schema))
		}
		all.add(fmt.Sprint(a.status), response)
	}
	for _, status := range slices.Sorted(maps.Keys(failures)) {
		if key := fmt.Sprint(status); !all.has(key) {
			all.add(key, b.failureResponse(failures[status]))
		}
	}
	all.add("default", reference("responses", errorComponent))
	return all
}

func content(schema any) object {
	return object{{jsonType, object{{"schema", schema}}}}
}
