package openapitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/google/jsonschema-go/jsonschema"
)

// schemas validates values against schemas of one document.
type schemas struct {
	defs map[string]json.RawMessage // the named schemas, with references as they are inside a JSON Schema

	mu       sync.Mutex
	resolved map[string]*jsonschema.Resolved // by the text of the schema
}

func newSchemas(components map[string]json.RawMessage) *schemas {
	s := &schemas{defs: map[string]json.RawMessage{}, resolved: map[string]*jsonschema.Resolved{}}
	for name, schema := range components {
		s.defs[name] = inside(schema)
	}
	return s
}

// inside lets references to components of a document point to the definitions of a schema.
func inside(schema json.RawMessage) json.RawMessage {
	var compact bytes.Buffer
	if json.Compact(&compact, schema) != nil {
		return schema
	}
	return bytes.ReplaceAll(compact.Bytes(), []byte(`"$ref":"#/components/schemas/`), []byte(`"$ref":"#/$defs/`))
}

func (s *schemas) validate(schema json.RawMessage, value any) error {
	resolved, err := s.resolve(schema)
	if err != nil {
		return fmt.Errorf("the schema in the document cannot be used: %w", err)
	}
	return resolved.Validate(value)
}

func (s *schemas) resolve(schema json.RawMessage) (*jsonschema.Resolved, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.resolved[string(schema)]; ok {
		return known, nil
	}
	text, err := json.Marshal(map[string]any{"allOf": []json.RawMessage{inside(schema)}, "$defs": s.defs})
	if err != nil {
		return nil, err
	}
	var root jsonschema.Schema
	if err := json.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	resolved, err := root.Resolve(nil)
	if err != nil {
		return nil, err
	}
	s.resolved[string(schema)] = resolved
	return resolved, nil
}
