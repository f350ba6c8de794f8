package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Parse reads a schema and checks that every keyword has a value of its kind. References stay unlinked. Texts within
// the schema are compact.
func Parse(raw json.RawMessage) (*Schema, error) { return parse(raw, new(parser)) }

func parse(raw json.RawMessage, p *parser) (*Schema, error) {
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return nil, errors.New("it is no JSON")
	}
	return p.schema(compact.Bytes(), 0)
}

// maxDepth bounds how deep schemas nest in each other.
const maxDepth = 200

var errDepth = fmt.Errorf("it nests deeper than %d schemas", maxDepth)

// parser reads the parts of one schema; mistakes name the way to them.
type parser struct {
	patterns map[string]bool // that compile
	latest   bool            // reads the keywords of Latest
}

func (p *parser) schema(raw json.RawMessage, depth int) (*Schema, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	s := new(Schema)
	switch text := strings.TrimSpace(string(firstBytes(raw))); {
	case strings.HasPrefix(text, "true"):
		return s, nil
	case strings.HasPrefix(text, "false"):
		s.Never = true
		return s, nil
	case !strings.HasPrefix(text, "{"):
		return nil, errors.New("a schema is an object, true or false")
	}
	for name, value := range Members(raw) {
		if err := p.keyword(s, name, value, depth); err != nil {
			if errors.Is(err, errDepth) {
				return nil, err
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return s, nil
}

func firstBytes(raw []byte) []byte { return raw[:min(len(raw), space(raw, 0)+8)] }

func (p *parser) keyword(s *Schema, name string, value json.RawMessage, depth int) (err error) {
	switch name {
	case "$ref":
		s.Ref, err = text(value)
	case "type":
		s.Types, err = types(value)
	case "enum":
		s.Enum, err = values(value)
	case "const":
		s.Const = value
	case "format":
		s.Format, err = text(value)
	case "pattern":
		if s.Pattern, err = text(value); err == nil {
			err = p.pattern(s.Pattern)
		}
	case "contentEncoding":
		s.ContentEncoding, err = text(value)
	case "contentMediaType":
		s.ContentMediaType, err = text(value)
	case "minLength":
		s.MinLength, err = count(value)
	case "maxLength":
		s.MaxLength, err = count(value)
	case "minItems":
		s.MinItems, err = count(value)
	case "maxItems":
		s.MaxItems, err = count(value)
	case "minProperties":
		s.MinProperties, err = count(value)
	case "maxProperties":
		s.MaxProperties, err = count(value)
	case "minimum":
		s.Minimum, err = number(value)
	case "exclusiveMinimum":
		s.ExclusiveMinimum, err = number(value)
	case "maximum":
		s.Maximum, err = number(value)
	case "exclusiveMaximum":
		s.ExclusiveMaximum, err = number(value)
	case "multipleOf":
		if s.MultipleOf, err = number(value); err == nil && rational(s.MultipleOf).Sign() <= 0 {
			err = errors.New("it is more than 0")
		}
	case "uniqueItems":
		s.UniqueItems, err = truth(value)
	case "required":
		s.Required, err = texts(value)
	case "items":
		if first(value) == '[' {
			s.Unknown = append(s.Unknown, Keyword{name, value}) // 2020-12 spells it prefixItems
			return nil
		}
		s.Items, err = p.schema(value, depth+1)
	case "properties":
		s.Properties, err = p.properties(value, depth)
	case "patternProperties":
		s.PatternProperties, err = p.patterned(value, depth)
	case "definitions":
		s.Definitions, err = p.properties(value, depth)
	case "$defs":
		s.Defs, err = p.properties(value, depth)
	case "allOf":
		s.AllOf, err = p.schemas(value, depth)
	case "anyOf":
		s.AnyOf, err = p.schemas(value, depth)
	case "oneOf":
		s.OneOf, err = p.schemas(value, depth)
	case "title":
		s.Title, err = text(value)
	case "description":
		s.Description, err = text(value)
	case "default":
		s.Default = value
	case "examples":
		s.Examples, err = values(value)
	case "deprecated":
		s.Deprecated, err = truth(value)
	default:
		return p.other(s, name, value, depth)
	}
	return err
}

// other reads the keywords with one schema, and keeps what is not known.
func (p *parser) other(s *Schema, name string, value json.RawMessage, depth int) (err error) {
	if p.latest {
		if known, err := p.keywordOfLatest(s, name, value, depth); known {
			return err
		}
	}
	var one **Schema
	switch name {
	case "contains":
		one = &s.Contains
	case "additionalProperties":
		one = &s.AdditionalProperties
	case "propertyNames":
		one = &s.PropertyNames
	case "not":
		one = &s.Not
	case "if":
		one = &s.If
	case "then":
		one = &s.Then
	case "else":
		one = &s.Else
	}
	switch {
	case one != nil:
		*one, err = p.schema(value, depth+1)
	case slices.Contains(restricting, name):
		s.Unknown = append(s.Unknown, Keyword{name, value})
	default:
		s.Notes = append(s.Notes, Keyword{name, value})
	}
	return err
}

// restricting are keywords that one of the two drafts does not know, or means differently.
var restricting = []string{
	"additionalItems", "prefixItems", "unevaluatedItems", "unevaluatedProperties", "dependencies", "dependentRequired",
	"dependentSchemas", "minContains", "maxContains", "contentSchema", "$dynamicRef", "$recursiveRef", "$id", "$anchor", "$dynamicAnchor",
}

func (p *parser) pattern(text string) error {
	if p.patterns[text] {
		return nil
	}
	if _, err := regexp.Compile(text); err != nil {
		return fmt.Errorf("it is no regular expression that Go knows: %w", err)
	}
	if p.patterns == nil {
		p.patterns = map[string]bool{}
	}
	p.patterns[text] = true
	return nil
}

func (p *parser) properties(value json.RawMessage, depth int) ([]Property, error) {
	if first(value) != '{' {
		return nil, errors.New("it is an object of schemas")
	}
	all := []Property{}
	seen := map[string]int{}
	for name, raw := range Members(value) {
		s, err := p.schema(raw, depth+1)
		if err != nil {
			if errors.Is(err, errDepth) {
				return nil, err
			}
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if i, twice := seen[name]; twice { // the last one counts, as everywhere in JSON
			all[i].Schema = s
			continue
		}
		seen[name] = len(all)
		all = append(all, Property{name, s})
	}
	return all, nil
}

func (p *parser) patterned(value json.RawMessage, depth int) ([]Property, error) {
	all, err := p.properties(value, depth)
	for _, one := range all {
		if err := p.pattern(one.Name); err != nil {
			return nil, fmt.Errorf("%s: %w", one.Name, err)
		}
	}
	return all, err
}

func (p *parser) schemas(value json.RawMessage, depth int) ([]*Schema, error) {
	if first(value) != '[' {
		return nil, errors.New("it is a list of schemas")
	}
	var all []*Schema
	for raw := range list(value) {
		s, err := p.schema(raw, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, errors.New("it has at least one schema")
	}
	return all, nil
}

func first(value json.RawMessage) byte {
	if i := space(value, 0); i < len(value) {
		return value[i]
	}
	return 0
}

func text(value json.RawMessage) (string, error) {
	if first(value) != '"' {
		return "", errors.New("it is a string")
	}
	return unquote(value[space(value, 0):]), nil
}

func texts(value json.RawMessage) ([]string, error) {
	if first(value) != '[' {
		return nil, errors.New("it is a list of strings")
	}
	var all []string
	for raw := range list(value) {
		one, err := text(raw)
		if err != nil {
			return nil, errors.New("it is a list of strings")
		}
		all = append(all, one)
	}
	return all, nil
}

func values(value json.RawMessage) ([]json.RawMessage, error) {
	if first(value) != '[' {
		return nil, errors.New("it is a list")
	}
	return slices.AppendSeq([]json.RawMessage{}, list(value)), nil
}

func types(value json.RawMessage) (t Types, err error) {
	names, err := texts(value)
	if first(value) == '"' {
		names, err = []string{unquote(value)}, nil
	}
	if err != nil || len(names) == 0 {
		return 0, errors.New("it is a type or a list of types")
	}
	for _, name := range names {
		one := typeNamed(name)
		if one == 0 {
			return 0, fmt.Errorf("%q is no type; there are %s", name, strings.Join(typeNames, ", "))
		}
		t |= one
	}
	return t, nil
}

func truth(value json.RawMessage) (bool, error) {
	switch string(value) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, errors.New("it is true or false")
}

func count(value json.RawMessage) (*int, error) {
	n, err := number(value)
	if err != nil {
		return nil, err
	}
	r := rational(n)
	if !r.IsInt() || r.Sign() < 0 {
		return nil, errors.New("it is a whole number of at least 0")
	}
	if !r.Num().IsInt64() || r.Num().Int64() > math.MaxInt32 {
		return new(math.MaxInt32), nil // nobody counts that far
	}
	return new(int(r.Num().Int64())), nil
}

func number(value json.RawMessage) (json.Number, error) {
	if c := first(value); c != '-' && (c < '0' || c > '9') {
		return "", errors.New("it is a number")
	}
	if rational(json.Number(value)) == nil {
		return "", errors.New("it is a number with fewer than 1000 digits")
	}
	return json.Number(value), nil
}
