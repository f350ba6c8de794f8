package jsonschema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Problem is one place where a value is not as its schema says. It never quotes the value, nor the key of a map, so
// that it may be logged.
type Problem struct {
	Path string // "department.id", "tags[2]", "" for the whole value
	Text string // "is a string, not an integer"
}

func (p Problem) String() string {
	if p.Path == "" {
		return short(p.Text)
	}
	return short(p.Path) + " " + short(p.Text)
}

// What is told of one value is bounded: how many problems are collected, and how long path and text of one are when they
// are printed. A schema may list thousands of constants.
const (
	maxProblems = 10
	maxText     = 200
)

// short cuts a text that is too long to be told.
func short(text string) string {
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "") + "..."
}

// CheckJSON judges a JSON text; the error says that it is none.
func (s *Schema) CheckJSON(text []byte) ([]Problem, error) {
	if !utf8.Valid(text) {
		return nil, errors.New("is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, errors.New("is no JSON")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("is JSON with something behind it")
	}
	return s.Check(value), nil
}

// Check judges a value as encoding/json decodes it with UseNumber: at most the first ten problems. The schema must be
// linked. Of formats it knows date-time, date, uuid, ipv4 and ipv6; others restrict nothing.
func (s *Schema) Check(value any) []Problem {
	c := &checker{memo: new(memo)}
	c.check(s, value, "")
	return c.problems
}

// Allows tells whether a value is as the schema says.
func (s *Schema) Allows(value any) bool {
	c := &checker{quiet: true, memo: new(memo)}
	return c.check(s, value, "")
}

// checker judges; check and its helpers return false when there is a problem.
type checker struct {
	quiet    bool // the answer is enough
	depth    int
	problems []Problem
	memo     *memo // shared with the checkers for a part of the value
}

func (c *checker) fail(path, format string, args ...any) bool {
	if !c.quiet && len(c.problems) < maxProblems {
		c.problems = append(c.problems, Problem{path, fmt.Sprintf(format, args...)})
	}
	return false
}

// allows asks without noting problems.
func (c *checker) allows(s *Schema, value any) bool {
	inner := &checker{quiet: true, depth: c.depth, memo: c.memo}
	return inner.check(s, value, "")
}

func (c *checker) check(s *Schema, value any, path string) bool {
	if s.Never {
		return c.fail(path, "is not allowed")
	}
	if c.depth++; c.depth > 10_000 {
		return c.fail(path, "nests too deep")
	}
	defer func() { c.depth-- }()
	ok := true
	if s.Target != nil {
		ok = c.check(s.Target, value, path)
	}
	if s.Types != 0 && !s.Types.Has(typesOf(value)) {
		return c.fail(path, "is %s, not %s", typesOf(value), s.Types)
	}
	if s.Enum != nil && !slices.ContainsFunc(s.Enum, func(one json.RawMessage) bool { return sameValue(one, value) }) {
		ok = c.fail(path, "is none of %s", bytes.Join(rawBytes(s.Enum), []byte(", ")))
	}
	if s.Const != nil && !sameValue(s.Const, value) {
		ok = c.fail(path, "is not %s", s.Const)
	}
	if c.quiet && !ok {
		return false
	}
	switch value := value.(type) {
	case string:
		ok = c.text(s, value, path) && ok
	case json.Number:
		ok = c.number(s, value, path) && ok
	case []any:
		ok = c.array(s, value, path) && ok
	case map[string]any:
		ok = c.object(s, value, path) && ok
	}
	ok = c.combined(s, value, path) && ok
	return (s.Latest == nil || c.unevaluated(s, value, path)) && ok
}

func rawBytes(values []json.RawMessage) [][]byte {
	all := make([][]byte, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

// typesOf are the types that a value is of: an integer is also a number.
func typesOf(value any) Types {
	switch value := value.(type) {
	case nil:
		return Null
	case bool:
		return Boolean
	case string:
		return String
	case []any:
		return Array
	case map[string]any:
		return Object
	case json.Number:
		if isWhole(value) {
			return Integer | Number
		}
		return Number
	}
	return 0
}

func (c *checker) text(s *Schema, value, path string) bool {
	ok := true
	if s.MinLength != nil || s.MaxLength != nil {
		ok = c.limits(path, utf8.RuneCountInString(value), s.MinLength, s.MaxLength, "characters")
	}
	if s.Pattern != "" && !compiled(s.Pattern).MatchString(value) {
		ok = c.fail(path, "does not match %s", s.Pattern)
	}
	if !ofFormat(s.Format, value) {
		ok = c.fail(path, "is no %s", s.Format)
	}
	return ok
}

var patterns sync.Map // text -> *regexp.Regexp; what schemas hold is bounded by the program

func compiled(pattern string) *regexp.Regexp {
	if re, ok := patterns.Load(pattern); ok {
		return re.(*regexp.Regexp)
	}
	re := regexp.MustCompile(pattern) // Parse has tried
	patterns.Store(pattern, re)
	return re
}

func (c *checker) number(s *Schema, value json.Number, path string) bool {
	ok := true
	for _, limit := range [...]struct {
		bound json.Number
		text  string
		good  func(order int) bool
	}{
		{s.Minimum, "less than", func(order int) bool { return order >= 0 }},
		{s.ExclusiveMinimum, "not more than", func(order int) bool { return order > 0 }},
		{s.Maximum, "more than", func(order int) bool { return order <= 0 }},
		{s.ExclusiveMaximum, "not less than", func(order int) bool { return order < 0 }},
	} {
		if limit.bound != "" && !limit.good(Compare(value, limit.bound)) {
			ok = c.fail(path, "is %s %s", limit.text, limit.bound)
		}
	}
	if s.MultipleOf != "" && !IsMultiple(value, s.MultipleOf) {
		ok = c.fail(path, "is no multiple of %s", s.MultipleOf)
	}
	return ok
}

func (c *checker) limits(path string, n int, least, most *int, what string) bool {
	if least != nil && n < *least {
		return c.fail(path, "has fewer than %d %s", *least, what)
	}
	if most != nil && n > *most {
		return c.fail(path, "has more than %d %s", *most, what)
	}
	return true
}

func (c *checker) array(s *Schema, items []any, path string) bool {
	ok := c.limits(path, len(items), s.MinItems, s.MaxItems, "items")
	for i, item := range items {
		one := s.item(i)
		if one == nil {
			break
		}
		ok = c.check(one, item, c.at(path, i)) && ok
		if c.quiet && !ok {
			return false
		}
	}
	if s.Contains != nil {
		ok = c.contains(s, items, path) && ok
	}
	if s.UniqueItems {
		seen := map[string]bool{}
		for _, item := range items {
			text := canonical(item)
			if seen[text] {
				return c.fail(path, "has an item twice")
			}
			seen[text] = true
		}
	}
	return ok
}

// item is the schema of an item, nil where there is none for it nor for those behind it.
func (s *Schema) item(i int) *Schema {
	if s.Latest != nil && i < len(s.Latest.PrefixItems) {
		return s.Latest.PrefixItems[i]
	}
	return s.Items
}

func (c *checker) contains(s *Schema, items []any, path string) bool {
	n, least, most := 0, 1, len(items)
	if l := s.Latest; l != nil && l.MinContains != nil {
		least = *l.MinContains
	}
	if l := s.Latest; l != nil && l.MaxContains != nil {
		most = *l.MaxContains
	}
	for _, item := range items {
		if c.allows(s.Contains, item) {
			n++
		}
	}
	switch {
	case n < least && n == 0:
		return c.fail(path, "has no item like the one that it must contain")
	case n < least || n > most:
		return c.fail(path, "has %d items like the one that it must contain, not %d to %d", n, least, most)
	}
	return true
}

func (c *checker) object(s *Schema, object map[string]any, path string) bool {
	ok := c.limits(path, len(object), s.MinProperties, s.MaxProperties, "members")
	for _, name := range s.Required {
		if _, there := object[name]; !there {
			ok = c.fail(c.below(path, name), "is missing")
		}
	}
	for _, p := range s.Properties {
		if value, there := object[p.Name]; there {
			ok = c.check(p.Schema, value, c.below(path, p.Name)) && ok
		}
		if c.quiet && !ok {
			return false
		}
	}
	if s.Latest != nil {
		ok = c.dependent(s.Latest, object, path) && ok
	}
	if s.PatternProperties == nil && s.AdditionalProperties == nil && s.PropertyNames == nil {
		return ok
	}
	for _, name := range slices.Sorted(keys(object)) {
		ok = c.undeclared(s, name, object[name], c.below(path, "*")) && ok
	}
	return ok
}

// undeclared judges a member by the keywords that name none.
func (c *checker) undeclared(s *Schema, name string, value any, path string) bool {
	ok := true
	if s.PropertyNames != nil && !c.allows(s.PropertyNames, name) {
		ok = c.fail(path, "has a name that is not allowed")
	}
	_, named := s.Property(name)
	for _, p := range s.PatternProperties {
		if compiled(p.Name).MatchString(name) {
			named = true
			ok = c.check(p.Schema, value, path) && ok
		}
	}
	if s.AdditionalProperties != nil && !named {
		ok = c.check(s.AdditionalProperties, value, path) && ok
	}
	return ok
}

func keys(object map[string]any) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range object {
			if !yield(name) {
				return
			}
		}
	}
}

// below is the path of a member; nobody asks for it where problems are not noted.
func (c *checker) below(path, name string) string {
	if c.quiet || path == "" {
		return name
	}
	return path + "." + name
}

// at is the path of an item.
func (c *checker) at(path string, i int) string {
	if c.quiet {
		return ""
	}
	return path + "[" + strconv.Itoa(i) + "]"
}

// combined judges by the keywords that hold whole schemas for the same value.
func (c *checker) combined(s *Schema, value any, path string) bool {
	ok := true
	for _, one := range s.AllOf {
		ok = c.check(one, value, path) && ok
	}
	if s.AnyOf != nil {
		ok = c.alternatives(s.AnyOf, value, path, false) && ok
	}
	if s.OneOf != nil {
		ok = c.alternatives(s.OneOf, value, path, true) && ok
	}
	if s.Not != nil && c.allows(s.Not, value) {
		ok = c.fail(path, "is what it must not be")
	}
	if s.If != nil {
		then := s.Then
		if !c.allows(s.If, value) {
			then = s.Else
		}
		if then != nil {
			ok = c.check(then, value, path) && ok
		}
	}
	return ok
}

// alternatives judges by anyOf, or by oneOf where only a single one may match. Where none does, it tells the problems
// with the only one that has the right type.
func (c *checker) alternatives(list []*Schema, value any, path string, single bool) bool {
	matching, likely := 0, 0
	var problems []Problem
	for _, one := range list {
		inner := &checker{quiet: c.quiet, depth: c.depth, memo: c.memo}
		if inner.check(one, value, path) {
			if matching++; !single {
				return true
			}
			continue
		}
		if target := one.Resolved(); target.Types == 0 || target.Types.Has(typesOf(value)) {
			likely++
			problems = inner.problems
		}
	}
	switch {
	case matching == 1:
		return true
	case matching > 1:
		return c.fail(path, "matches %d of the alternatives, not one", matching)
	case likely != 1:
		return c.fail(path, "matches none of the alternatives")
	}
	for _, p := range problems {
		c.fail(p.Path, "%s", p.Text)
	}
	return false
}

// sameValue compares a value with one in a schema: 1 is 1.0, and the order of members means nothing.
func sameValue(text json.RawMessage, value any) bool {
	return Canonical(text) == canonical(value)
}

// Canonical is a JSON text in one of its spellings: two texts of the same value have the same one.
func Canonical(text json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return string(text)
	}
	return canonical(value)
}

func canonical(value any) string {
	var b strings.Builder
	appendCanonical(&b, value)
	return b.String()
}

func appendCanonical(b *strings.Builder, value any) {
	switch value := value.(type) {
	case json.Number:
		if r := rational(value); r != nil {
			b.WriteString(r.RatString())
			return
		}
		b.WriteString(strings.ToLower(string(value)))
	case string:
		b.Write(AppendString(nil, value))
	case []any:
		b.WriteByte('[')
		for _, item := range value {
			appendCanonical(b, item)
			b.WriteByte(',')
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for _, name := range slices.Sorted(keys(value)) {
			b.Write(AppendString(nil, name))
			b.WriteByte(':')
			appendCanonical(b, value[name])
			b.WriteByte(',')
		}
		b.WriteByte('}')
	default: // null, true, false
		fmt.Fprint(b, value)
	}
}
