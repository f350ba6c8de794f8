package openapitest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// schemas judges values by the schemas of one document.
type schemas struct {
	components map[string]json.RawMessage

	mu     sync.Mutex
	named  map[string]*jsonschema.Schema // the components that were needed
	byText map[string]*jsonschema.Schema // linked
}

func newSchemas(components map[string]json.RawMessage) *schemas {
	return &schemas{components: components, named: map[string]*jsonschema.Schema{}, byText: map[string]*jsonschema.Schema{}}
}

// validate judges a JSON text; the error lists what is wrong, a line for each.
func (s *schemas) validate(schema json.RawMessage, text []byte) error {
	linked, err := s.linked(schema)
	if err != nil {
		return fmt.Errorf("the schema in the document cannot be used: %w", err)
	}
	problems, err := linked.CheckJSON(text)
	if err != nil {
		return fmt.Errorf("it %w", err)
	}
	if len(problems) == 0 {
		return nil
	}
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.String()
	}
	return errors.New(strings.Join(lines, "\n\t"))
}

func (s *schemas) linked(schema json.RawMessage) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.byText[string(schema)]; ok {
		return known, nil
	}
	parsed, err := jsonschema.ParseLatest(schema)
	if err == nil {
		err = parsed.Link(s.component)
	}
	if err == nil {
		err = parsed.UnderstoodLatest()
	}
	if err != nil {
		return nil, err
	}
	s.byText[string(schema)] = parsed
	return parsed, nil
}

// component finds what a reference leads to: a component, or a schema within one.
func (s *schemas) component(ref string) (*jsonschema.Schema, error) {
	if known, ok := s.named[ref]; ok {
		return known, nil
	}
	path, ok := strings.CutPrefix(ref, "#/components/schemas/")
	name, inner, deeper := strings.Cut(path, "/")
	raw, there := s.components[jsonschema.Unescape(name)]
	if !ok || !there {
		return nil, fmt.Errorf("$ref %q leads nowhere", ref)
	}
	if deeper {
		if raw, there = jsonschema.At(raw, inner); !there {
			return nil, fmt.Errorf("$ref %q leads nowhere", ref)
		}
	}
	parsed, err := jsonschema.ParseLatest(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", ref, err)
	}
	s.named[ref] = parsed
	return parsed, nil
}
