package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// defined is a payload with definitions d0, d1, ..., of which each is made from its number, and the first one is meant.
func defined(n int, make func(i int) string) string {
	var text strings.Builder
	text.WriteString(`{"$ref": "#/components/schemas/s/definitions/d0", "definitions": {`)
	for i := range n {
		if i > 0 {
			text.WriteString(", ")
		}
		fmt.Fprintf(&text, `"d%d": %s`, i, make(i))
	}
	return text.String() + "}}"
}

func ref(i int) string { return fmt.Sprintf(`{"$ref": "#/components/schemas/s/definitions/d%d"}`, i) }

// Documents that are made to take for ever, or all the memory, do neither.
func TestHostileDocuments(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string]func(leaf string) string{
		"allOf of allOf of allOf": func(leaf string) string {
			return defined(60, func(i int) string {
				if i == 59 {
					return leaf
				}
				return fmt.Sprintf(`{"allOf": [%s, %s, {"minLength": %d}]}`, ref(i+1), ref(i+1), i)
			})
		},
		"anyOf of anyOf of anyOf": func(leaf string) string {
			return defined(60, func(i int) string {
				if i == 59 {
					return leaf
				}
				return fmt.Sprintf(`{"anyOf": [%s, {"type": "object", "properties": {"a": %s}, "minProperties": %d}]}`, ref(i+1), ref(i+1), i)
			})
		},
		"oneOf of oneOf of oneOf": func(leaf string) string {
			return defined(60, func(i int) string {
				if i == 59 {
					return leaf
				}
				return fmt.Sprintf(`{"oneOf": [%s, %s, {"type": "null"}]}`, ref(i+1), ref(i+1))
			})
		},
		"many ways round": func(leaf string) string {
			return defined(40, func(i int) string {
				return fmt.Sprintf(`{"properties": {"a": {"allOf": [%s, %s]}, "b": {"anyOf": [%s, %s]}, "leaf": %s}}`,
					ref((i+1)%40), ref((i*7+3)%40), ref((i*5+2)%40), ref((i*3+1)%40), leaf)
			})
		},
		"a long way": func(leaf string) string {
			return defined(5000, func(i int) string {
				if i == 4999 {
					return leaf
				}
				return fmt.Sprintf(`{"properties": {"a": %s}}`, ref(i+1))
			})
		},
		"many choices": func(leaf string) string {
			choices := make([]string, 400)
			for i := range choices {
				choices[i] = fmt.Sprintf(`{"type": "object", "properties": {"a%d": {"type": "string"}, "leaf": %s}, "required": ["a%d"]}`, i, leaf, i)
			}
			return `{"oneOf": [` + strings.Join(choices, ",") + `]}`
		},
		"numbers": func(leaf string) string {
			return `{"minimum": 1e999, "maximum": 1e-999, "multipleOf": 1e-999, "enum": [1e999999999999], "maxLength": 1e30, "properties": {"leaf": ` + leaf + `}}`
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			older, again, newer := payload(`{"type": "string"}`), payload(`{"type": "string"}`), payload(`{"type": ["string", "null"]}`)
			if rules, _ := found(t, "send", older, again); rules != nil {
				t.Errorf("differs from itself: %q", rules)
			}
			for _, action := range []string{"send", "receive"} {
				rules, breaking := found(t, action, older, newer)
				if len(rules) == 0 || action == "send" && !breaking {
					t.Errorf("%s: %.200q, %v", action, rules, breaking)
				}
			}
		})
	}
}

func TestDocumentsThatGoTooFar(t *testing.T) {
	t.Parallel()
	for want, payload := range map[string]string{
		"lead through more than": defined(30_000, func(i int) string { return fmt.Sprintf(`{"properties": {"a": %s}}`, ref((i+1)%30_000)) }),
		"leads back to itself":   defined(1000, func(i int) string { return fmt.Sprintf(`{"allOf": [%s]}`, ref((i+1)%1000)) }),
		"nests deeper than":      strings.Repeat(`{"items":`, 300) + "true" + strings.Repeat("}", 300),
		"fewer than 1000 digits": `{"minimum": 1e1000000000}`,
		"leads nowhere":          `{"$ref": "#/components/schemas/s/definitions/d~1"}`,
		"no JSON":                strings.Repeat("[", 20_000),
		"out of the document":    `{"$ref": "#d"}`,
	} {
		if _, err := contract.Parse(document("send", payload)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80v, want %s", err, want)
		}
	}
}

// References are JSON pointers within a URI.
func TestReferences(t *testing.T) {
	t.Parallel()
	for _, ref := range []string{"a~1b", "a%2Fb~0", "%c3%a4", "ä", "list/1", "", "~01"} {
		text := document("send", `{"$ref": "#/components/schemas/s/x/`+ref+`", "x": {"a/b": {}, "a/b~": {}, "ä": {}, "list": [0, {}], "": {}, "~1": {}}}`)
		if _, err := contract.Parse(text); err != nil && !(ref == "a%2Fb~0") {
			t.Errorf("%s: %v", ref, err)
		}
	}
}
