package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const typeScriptHead = `/** Messages: texts, below the fields that they are about. */
export type ErrorMessages = string | ErrorMessages[] | { [field: string]: ErrorMessages };

/** The detail of a declared error; what is about no field stands under "non_field_errors". */
export type ErrorFields = { [field: string]: ErrorMessages[] | { [field: string]: ErrorMessages } };

`

// printTypeScript prints the errors as a union that a switch over error_code takes apart.
func printTypeScript(w io.Writer, c catalog) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "// Errors of %s. Made by \"toolset errors -format typescript\": do not edit.\n\n", oneLine(c.Title+" "+c.Version))
	out.WriteString(typeScriptHead)
	out.WriteString("/** Every error that the service answers. */\nexport type ServiceError =")
	if len(c.Errors) == 0 {
		out.WriteString(" never")
	}
	for _, e := range c.Errors {
		status, detail := fmt.Sprint(e.Status), "ErrorFields"
		if e.Status == 0 {
			status, detail = "number", "{ [field: string]: ErrorMessages } | ErrorMessages[]"
		}
		if e.DetailSchema != nil {
			detail = c.typeOf(e.DetailSchema, nil)
		}
		if text := oneLine(e.Text); text != "" {
			fmt.Fprintf(&out, "\n  /** %s */", strings.ReplaceAll(text, "*/", `*\/`))
		}
		fmt.Fprintf(&out, "\n  | { code: %s; error_code: %s; detail: %s }", status, quote(e.Code), detail)
	}
	out.WriteString(";\n\nexport type ErrorCode = ServiceError[\"error_code\"];\n")
	_, err := out.WriteTo(w)
	return err
}

// schema is what a type can say of a JSON Schema.
type schema struct {
	Ref                  string `json:"$ref"`
	Type                 json.RawMessage
	Const                json.RawMessage
	Enum                 []json.RawMessage
	AnyOf, OneOf, AllOf  []json.RawMessage
	Items                json.RawMessage
	Properties           map[string]json.RawMessage
	Required             []string
	AdditionalProperties json.RawMessage
}

// maxReferences is how many references a type may stand in: beyond, a few schemas could make a text without end.
const maxReferences = 5

var identifier = regexp.MustCompile(`^[A-Za-z_$][A-Za-z0-9_$]*$`)

// typeOf is the type of a schema; within are the references that it stands in. What cannot be said is unknown.
func (c catalog) typeOf(raw json.RawMessage, within []string) string {
	var s schema
	if json.Unmarshal(raw, &s) != nil {
		return "unknown" // true, for one
	}
	switch {
	case s.Ref != "":
		target, ok := c.schemas[strings.TrimPrefix(s.Ref, componentSchema)]
		if !ok || slices.Contains(within, s.Ref) || len(within) > maxReferences {
			return "unknown"
		}
		return c.typeOf(target, append(within, s.Ref))
	case s.Const != nil:
		return literal(s.Const)
	case s.Enum != nil:
		return join(s.Enum, " | ", literal)
	}
	deeper := func(raw json.RawMessage) string { return c.typeOf(raw, within) }
	for _, several := range []struct {
		list []json.RawMessage
		sign string
	}{{s.AnyOf, " | "}, {s.OneOf, " | "}, {s.AllOf, " & "}} {
		if several.list == nil {
			continue
		}
		if text := join(several.list, several.sign, deeper); s.Type == nil || !strings.Contains(text, "unknown") {
			return text
		} // else choices that only refine the type beside them
	}
	var one string
	var types []json.RawMessage
	if json.Unmarshal(s.Type, &one) == nil {
		return c.plainType(one, s, within)
	}
	if json.Unmarshal(s.Type, &types) == nil {
		return join(types, " | ", func(raw json.RawMessage) string {
			var name string
			_ = json.Unmarshal(raw, &name) // else it is the type of no value
			return c.plainType(name, s, within)
		})
	}
	return "unknown"
}

func (c catalog) plainType(name string, s schema, within []string) string {
	switch name {
	case "string", "boolean", "null":
		return name
	case "number", "integer":
		return "number"
	case "array":
		item := "unknown"
		if s.Items != nil {
			item = c.typeOf(s.Items, within)
		}
		if strings.ContainsAny(item, "|&") {
			item = "(" + item + ")"
		}
		return item + "[]"
	case "object":
		return c.objectType(s, within)
	}
	return "unknown"
}

func (c catalog) objectType(s schema, within []string) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		shown, optional := name, "?"
		if !identifier.MatchString(name) {
			shown = quote(name)
		}
		if slices.Contains(s.Required, name) {
			optional = ""
		}
		fields = append(fields, shown+optional+": "+c.typeOf(s.Properties[name], within))
	}
	if len(fields) > 0 {
		return "{ " + strings.Join(fields, "; ") + " }"
	}
	value := "unknown"
	if len(s.AdditionalProperties) > 0 && s.AdditionalProperties[0] == '{' {
		value = c.typeOf(s.AdditionalProperties, within)
	}
	return "{ [field: string]: " + value + " }"
}

func join(list []json.RawMessage, sign string, one func(json.RawMessage) string) string {
	texts := make([]string, len(list))
	for i, raw := range list {
		if texts[i] = one(raw); sign == " & " && strings.Contains(texts[i], "|") {
			texts[i] = "(" + texts[i] + ")"
		}
	}
	return strings.Join(texts, sign)
}

// literal is a JSON value as a type: text, number, boolean and null are their own types.
func literal(raw json.RawMessage) string {
	if bytes.ContainsAny(raw[:1], "{[") {
		return "unknown"
	}
	return string(raw)
}

// quote writes a text as JSON does, which is how TypeScript writes it.
func quote(text string) string {
	raw, _ := json.Marshal(text) // a text cannot fail
	return string(raw)
}
