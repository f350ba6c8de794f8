package contract

import (
	"encoding/json"
	"fmt"
)

// withTraits merges the traits of a message or an operation under it, as AsyncAPI 3.0 says: one after the other by JSON
// Merge Patch, and what the object itself tells wins.
func (p *parser) withTraits(raw json.RawMessage) (json.RawMessage, error) {
	list := member(raw, "traits")
	if list == nil {
		return raw, nil
	}
	var traits []json.RawMessage
	if err := json.Unmarshal(list, &traits); err != nil {
		return nil, fmt.Errorf("traits are a list: %w", err)
	}
	merged := json.RawMessage("{}")
	for i, trait := range append(traits, raw) {
		var err error
		if merged, err = p.merge(merged, trait, 0); err != nil {
			return nil, fmt.Errorf("trait %d: %w", i+1, err)
		}
	}
	return merged, nil
}

// merge applies a JSON Merge Patch (RFC 7396). What is on one side alone stays as it is, references included; where both
// sides have an object, references are followed.
func (p *parser) merge(target, patch json.RawMessage, depth int) (json.RawMessage, error) {
	if depth > maxSpeltDepth {
		return nil, fmt.Errorf("it nests more than %d levels deep", maxSpeltDepth)
	}
	target, _, err := p.follow(target)
	if err != nil {
		return nil, err
	}
	if patch, _, err = p.follow(patch); err != nil {
		return nil, err
	}
	var into, from map[string]json.RawMessage
	if len(patch) == 0 || patch[0] != '{' {
		return patch, nil
	}
	if err := json.Unmarshal(patch, &from); err != nil {
		return nil, err
	}
	if len(target) > 0 && target[0] == '{' {
		if err := json.Unmarshal(target, &into); err != nil {
			return nil, err
		}
	}
	if into == nil {
		into = map[string]json.RawMessage{}
	}
	for name, value := range from {
		switch have, there := into[name]; {
		case string(value) == "null":
			delete(into, name)
		case there:
			if into[name], err = p.merge(have, value, depth+1); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		default:
			into[name] = value
		}
	}
	return json.Marshal(into)
}
