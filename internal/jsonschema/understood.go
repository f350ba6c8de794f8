package jsonschema

import "fmt"

// Understood refuses keywords that one reader would heed and another one not.
func (s *Schema) Understood() error {
	return s.eachOnce(map[*Schema]bool{}, func(s *Schema) error {
		if len(s.Unknown) > 0 {
			return fmt.Errorf("draft-07 and 2020-12 do not share the keyword %s", s.Unknown[0].Name)
		}
		if s.Ref != "" && s.restrictsBesideRef() {
			return fmt.Errorf("draft-07 skips what stands beside $ref %q: put {\"$ref\": ...} into allOf", s.Ref)
		}
		return nil
	})
}

// UnderstoodLatest refuses what [ParseLatest] did not understand.
func (s *Schema) UnderstoodLatest() error {
	return s.eachOnce(map[*Schema]bool{}, func(s *Schema) error {
		if len(s.Unknown) > 0 {
			return fmt.Errorf("the keyword %s, or its value, is none of 2020-12 that is understood here", s.Unknown[0].Name)
		}
		return nil
	})
}

// eachOnce calls f for the schema and for all that it leads to, until there is an error.
func (s *Schema) eachOnce(seen map[*Schema]bool, f func(*Schema) error) error {
	if s == nil || seen[s] {
		return nil
	}
	seen[s] = true
	if err := f(s); err != nil {
		return err
	}
	if err := s.Target.eachOnce(seen, f); err != nil {
		return err
	}
	for child := range s.Children {
		if err := child.eachOnce(seen, f); err != nil {
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
