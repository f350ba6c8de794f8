package serializer

import (
	"encoding/json"
	"strconv"
	"strings"
)

// use says what a schema is for.
type use struct {
	input, partial bool
	strict         bool    // unknown keys are refused
	within         *within // the objects around
}

type within struct {
	plan *plan
	up   *within
}

// members are the members of a JSON object, in order.
type members []member

type member struct {
	key   string
	value any // string, int, bool, jsonNumber, members, []any
}

// jsonNumber is a number as JSON spells it.
type jsonNumber string

func (m members) json() json.RawMessage { return m.append(nil) }

func (m members) append(dst []byte) []byte {
	dst = append(dst, '{')
	for i, member := range m {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, member.key), ':')
		dst = appendMember(dst, member.value)
	}
	return append(dst, '}')
}

func appendMember(dst []byte, value any) []byte {
	switch v := value.(type) {
	case members:
		return v.append(dst)
	case []any:
		dst = append(dst, '[')
		for i, one := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendMember(dst, one)
		}
		return append(dst, ']')
	case int:
		return strconv.AppendInt(dst, int64(v), 10)
	case bool:
		return strconv.AppendBool(dst, v)
	case jsonNumber:
		return append(dst, v...)
	case string:
		return appendString(dst, v)
	}
	return append(dst, "null"...)
}

// nullable allows null beside what the schema describes. A schema without a type allows it anyway.
func nullable(m members) members {
	out := make(members, 0, len(m))
	for _, member := range m {
		switch v := member.value.(type) {
		case string:
			if member.key == "type" {
				member.value = []any{v, "null"}
			}
		case []any:
			if member.key == "enum" {
				member.value = append(v[:len(v):len(v)], nil)
			}
		}
		out = append(out, member)
	}
	return out
}

func (p *plan) schema(u use) members {
	properties, required := members{}, []any{}
	u.within = &within{p, u.within}
	u.strict = u.strict || p.config.RefuseUnknown
	for _, f := range p.fields {
		if u.input && f.readOnly || !u.input && f.writeOnly {
			continue
		}
		m := f.codec.schema(u)
		switch {
		case !u.input && len(f.source.hops) > 0:
			m = nullable(m)
		case u.input && f.values.hasDefault:
			if value, ok := defaultSchema(f.values.defaultValue, m); ok {
				m = append(m, member{"default", value})
			}
		}
		if f.readOnly {
			m = append(m, member{"readOnly", true})
		}
		if f.writeOnly {
			m = append(m, member{"writeOnly", true})
		}
		properties = append(properties, member{f.name, m})
		if !u.input || f.required && !u.partial {
			required = append(required, f.name)
		}
	}
	m := members{{"type", "object"}, {"properties", properties}}
	if len(required) > 0 {
		m = append(m, member{"required", required})
	}
	if u.input && u.strict {
		m = append(m, member{"additionalProperties", false})
	}
	return m
}

// nestedSchema is the schema of an object inside another one. A reference of JSON Schema to the object around would mean something else wherever
// the schema becomes part of a larger document, so an object that contains itself is described once, and named inside.
func (p *plan) nestedSchema(u use) members {
	for w := u.within; w != nil; w = w.up {
		if w.plan == p {
			return members{{"type", "object"}, {"description", p.schemaName() + ", as described around it."}}
		}
	}
	return p.schema(u)
}

// defaultSchema is a default as JSON, for the kinds that have one.
func defaultSchema(v any, m members) (any, bool) {
	for _, member := range m {
		if member.key != "type" {
			continue
		}
		typ, _ := member.value.(string)
		if types, ok := member.value.([]any); ok {
			typ, _ = types[0].(string)
		}
		switch text := pyText(v); typ {
		case "string":
			return text, true
		case "integer", "number":
			return jsonNumber(text), true
		case "boolean":
			return text == "True", true
		}
	}
	return nil, false
}

func (p *plan) schemaName() string {
	if p.config.Name != "" {
		return p.config.Name
	}
	name, _, _ := strings.Cut(p.typ.Name(), "[")
	return name
}
