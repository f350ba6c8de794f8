package openapi

import (
	"encoding/json"
	"fmt"
)

// Fragments are the parts of a document, for those whose framework makes the document: put the operations at their
// paths, and merge the components. Marshalled they are JSON throughout.
type Fragments struct {
	// Operations are the routes in the order in which they were added.
	Operations []Operation `json:"operations"`
	// Components is {"schemas": {...}, "responses": {...}}: what the operations refer to as "#/components/...".
	Components json.RawMessage `json:"components"`
}

// Operation is one route of [Fragments].
type Operation struct {
	Method string `json:"method"` // "GET"
	Path   string `json:"path"`   // "/people/{id}/"
	// Object is the Operation Object of OpenAPI 3.1.
	Object json.RawMessage `json:"operation"`
}

// Fragments returns what [API.Document] is made of. Routes that the API does not serve itself are declared with
// [API.Describe].
func (a *API) Fragments() (Fragments, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, err := a.builder()
	if err != nil {
		return Fragments{}, err
	}
	all := Fragments{Operations: make([]Operation, 0, len(a.routes))}
	for _, rt := range a.routes {
		text, err := json.Marshal(b.operation(rt))
		if err != nil {
			return Fragments{}, fmt.Errorf("openapi: %s %s: %w", rt.method, rt.path, err)
		}
		all.Operations = append(all.Operations, Operation{rt.method, rt.path, text})
	}
	if all.Components, err = json.Marshal(b.components()); err != nil {
		return Fragments{}, fmt.Errorf("openapi: building the fragments: %w", err)
	}
	return all, nil
}
