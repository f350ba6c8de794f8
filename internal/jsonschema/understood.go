package jsonschema

import "fmt"

// Understood refuses keywords that one reader would heed and another one not.
func (s *Schema) Understood() error {
	return s.understood(map[*Schema]bool{})
}

func (s *Schema) understood(seen map[*Schema]bool) error {
	if seen[s] {
		return nil
	}
	seen[s] = true
	if len(s.Unknown) > 0 {
		return fmt.Errorf("draft-07 and 2020-12 do not share the keyword %s", s.Unknown[0].Name)
	}
	if s.Ref != "" && s.restrictsBesideRef() {
		return fmt.Errorf("draft-07 skips what stands beside $ref %q: put {\"$ref\": ...} into allOf", s.Ref)
	}
	if s.Target != nil {
		if err := s.Target.understood(seen); err != nil {
			return err
		}
	}
	for child := range s.Children {
		if err := child.understood(seen); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schema) restrictsBesideRef() bool {
	rest := *s
	rest.Ref, rest.Title, rest.Description, rest.Default, rest.Examples = "", "", "", nil, nil
	rest.Deprecated, rest.Notes, rest.Definitions, rest.Defs = false, nil, nil, nil
	return string(rest.Append(nil, "#")) != "true"
}
