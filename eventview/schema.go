package eventview

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/google/jsonschema-go/jsonschema"
)

// parseSchema reads a schema and keeps the order of its properties, which the page shows.
func parseSchema(raw json.RawMessage) (*jsonschema.Schema, error) {
	s := new(jsonschema.Schema)
	if err := json.Unmarshal(raw, s); err != nil {
		return nil, fmt.Errorf("no JSON Schema: %w", err)
	}
	keepOrder(raw, s)
	return s, nil
}

func keepOrder(raw json.RawMessage, s *jsonschema.Schema) {
	var parts struct {
		Properties           json.RawMessage            `json:"properties"`
		Items                json.RawMessage            `json:"items"`
		AdditionalProperties json.RawMessage            `json:"additionalProperties"`
		Definitions          map[string]json.RawMessage `json:"definitions"`
		Defs                 map[string]json.RawMessage `json:"$defs"`
		AllOf                []json.RawMessage          `json:"allOf"`
		AnyOf                []json.RawMessage          `json:"anyOf"`
		OneOf                []json.RawMessage          `json:"oneOf"`
	}
	if s == nil || json.Unmarshal(raw, &parts) != nil { // true and false are schemas too
		return
	}
	for name, value := range members(parts.Properties) {
		if !slices.Contains(s.PropertyOrder, name) {
			s.PropertyOrder = append(s.PropertyOrder, name)
		}
		keepOrder(value, s.Properties[name])
	}
	keepOrder(parts.Items, s.Items)
	keepOrder(parts.AdditionalProperties, s.AdditionalProperties)
	for name, value := range parts.Definitions {
		keepOrder(value, s.Definitions[name])
	}
	for name, value := range parts.Defs {
		keepOrder(value, s.Defs[name])
	}
	for raws, schemas := range map[*[]json.RawMessage][]*jsonschema.Schema{&parts.AllOf: s.AllOf, &parts.AnyOf: s.AnyOf, &parts.OneOf: s.OneOf} {
		for i, value := range *raws {
			keepOrder(value, schemas[i])
		}
	}
}

// members yields the members of a JSON object in their order; of broken JSON those before the break.
func members(object json.RawMessage) func(yield func(string, json.RawMessage) bool) {
	return func(yield func(string, json.RawMessage) bool) {
		d := json.NewDecoder(bytes.NewReader(object))
		if start, err := d.Token(); err != nil || start != json.Delim('{') {
			return
		}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return
			}
			var value json.RawMessage
			name, ok := key.(string)
			if !ok || d.Decode(&value) != nil || !yield(name, value) {
				return
			}
		}
	}
}

// withDescription adds a description to a schema that has none, without touching the rest of its text.
func withDescription(schema json.RawMessage, text string) (json.RawMessage, error) {
	var compact bytes.Buffer
	if err := json.Compact(&compact, schema); err != nil {
		return nil, fmt.Errorf("no JSON Schema: %w", err)
	}
	var parts map[string]json.RawMessage
	isObject := json.Unmarshal(compact.Bytes(), &parts) == nil // true is a schema too, without a place for a text
	if !isObject || text == "" || parts["description"] != nil {
		return compact.Bytes(), nil
	}
	described, err := json.Marshal(map[string]string{"description": text})
	if err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return described, nil
	}
	return slices.Concat(described[:len(described)-1], []byte(","), compact.Bytes()[1:]), nil
}
