package apiclient

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// target returns the URL of a call below base.
func (c *call) target(base *url.URL) *url.URL {
	escaped := c.fill()
	if c.err != nil {
		return nil
	}
	target := *base
	raw := strings.TrimSuffix(base.EscapedPath(), "/") + escaped
	path, err := url.PathUnescape(raw)
	if err != nil { // escaped above, or parsed by New
		c.refuse("path %q: %w", c.path, err)
		return nil
	}
	target.Path, target.RawPath, target.RawQuery = path, raw, c.query.String()
	return &target
}

// fill returns the path with its wildcards filled, escaped.
func (c *call) fill() string {
	if !strings.HasPrefix(c.path, "/") || strings.ContainsAny(c.path, "?#") {
		c.refuse("path %q: want one that begins with / and has neither query nor fragment, give those as options", c.path)
		return ""
	}
	var b strings.Builder
	used := 0
	for rest := c.path; ; {
		literal, after, found := strings.Cut(rest, "{")
		b.WriteString((&url.URL{Path: literal}).EscapedPath())
		if !found {
			break
		}
		name, tail, closed := strings.Cut(after, "}")
		i := slices.IndexFunc(c.wildcards, func(w wildcard) bool { return w.name == name })
		if !closed || i < 0 {
			c.refuse("path %q: nothing fills {%s}: add apiclient.Path(%q, ...)", c.path, name, name)
			return ""
		}
		b.WriteString(url.PathEscape(c.wildcards[i].value))
		used++
		rest = tail
	}
	if used < len(c.wildcards) {
		c.refuse("path %q has no place for each of the %d path values that were given", c.path, len(c.wildcards))
	}
	return b.String()
}

func unusableInPath(value string) bool {
	return value == "" || strings.Contains(value, ".") && slices.ContainsFunc(strings.FieldsFunc(value, func(r rune) bool { return r == '/' || r == '\\' }),
		func(segment string) bool { return segment == "." || segment == ".." })
}

// texts returns a value as query parameters and path segments have it: none for nil, one for each item of a list.
func texts(value any) (all []string, list bool, err error) {
	switch v := value.(type) { // what is most often given needs no reflection
	case string:
		return []string{v}, false, nil
	case int:
		return []string{strconv.Itoa(v)}, false, nil
	case int64:
		return []string{strconv.FormatInt(v, 10)}, false, nil
	case []string:
		return v, true, nil
	case []int:
		return decimals(v), true, nil
	case []int64:
		return decimals(v), true, nil
	}
	items := []any{value}
	v := reflect.ValueOf(value)
	_, marshals := value.(encoding.TextMarshaler)
	if list = !marshals && !isBytes(v) && (v.Kind() == reflect.Slice || v.Kind() == reflect.Array); list {
		items = make([]any, v.Len())
		for i := range items {
			items[i] = v.Index(i).Interface()
		}
	}
	for _, item := range items {
		text, ok, err := scalar(item)
		if err != nil {
			return nil, list, err
		}
		if ok {
			all = append(all, text)
		}
	}
	return all, list, nil
}

func decimals[N int | int64](list []N) []string {
	all := make([]string, len(list))
	for i, n := range list {
		all[i] = strconv.FormatInt(int64(n), 10)
	}
	return all
}

// isBytes is true for []byte and its kin, which are texts and no lists of numbers.
func isBytes(v reflect.Value) bool {
	return v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[byte]()
}

// scalar returns the text of one value; ok is false for nil.
func scalar(value any) (text string, ok bool, err error) {
	v := reflect.ValueOf(value)
	if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return "", false, nil
	}
	if marshaler, is := value.(encoding.TextMarshaler); is {
		raw, err := marshaler.MarshalText()
		if err != nil {
			return "", false, fmt.Errorf("is no text: %w", err)
		}
		return string(raw), true, nil
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), true, nil
	case reflect.Bool:
		return strconv.FormatBool(v.Bool()), true, nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10), true, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.FormatUint(v.Uint(), 10), true, nil
	case reflect.Float32, reflect.Float64:
		if math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0) {
			return "", false, errors.New("is no number")
		}
		return strconv.FormatFloat(v.Float(), 'f', -1, v.Type().Bits()), true, nil
	case reflect.Slice:
		if isBytes(v) {
			return string(v.Bytes()), true, nil
		}
	case reflect.Pointer:
		if _, is := value.(fmt.Stringer); !is {
			return scalar(v.Elem().Interface())
		}
	}
	if stringer, is := value.(fmt.Stringer); is {
		return stringer.String(), true, nil
	}
	return "", false, fmt.Errorf("is a %T: want a text, number, bool, time or a list of those", value)
}
