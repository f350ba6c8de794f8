package jsonschema_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// randomSchema writes a schema of a few keywords.
func randomSchema(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(8) == 0 {
		return pick(r, "true", "false", "{}", `{"type":"string"}`, `{"type":"integer"}`, `{"type":["null","number"]}`, `{"const":1}`, `{"enum":["a",null,0.5]}`)
	}
	if r.IntN(10) == 0 {
		return pick(r, `{"$ref":"#/definitions/d"}`, `{"$ref":"#/definitions/d","description":"d"}`)
	}
	var keywords []string
	seen := map[string]bool{}
	for range 1 + r.IntN(3) {
		keyword := randomKeyword(r, depth-1)
		if name, _, _ := strings.Cut(keyword, ":"); !seen[name] {
			seen[name] = true
			keywords = append(keywords, keyword)
		}
	}
	return "{" + strings.Join(keywords, ",") + "}"
}

func randomKeyword(r *rand.Rand, depth int) string {
	sub := func() string { return randomSchema(r, depth) }
	count := func(names ...string) string { return fmt.Sprintf("%q:%d", pick(r, names...), r.IntN(4)) }
	switch r.IntN(19) {
	case 0:
		return `"type":` + pick(r, `"object"`, `"array"`, `"string"`, `"integer"`, `"number"`, `["object","null"]`, `["boolean","string"]`)
	case 1:
		return count("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
	case 2:
		return fmt.Sprintf("%q:%s", pick(r, "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), pick(r, "0", "1", "1.5", "2", "1e0", "-1"))
	case 3:
		return `"multipleOf":` + pick(r, "0.5", "2", "0.1", "3")
	case 4:
		return `"pattern":` + pick(r, `"a"`, `"^a"`, `"b$"`, `"^[ab]*$"`)
	case 5:
		return `"uniqueItems":` + pick(r, "true", "false")
	case 6, 7:
		return fmt.Sprintf(`"properties":{"a":%s,"b":%s}`, sub(), sub())
	case 8:
		return fmt.Sprintf(`"patternProperties":{"^a":%s,"b":%s}`, sub(), sub())
	case 9:
		return `"additionalProperties":` + sub()
	case 10:
		return `"propertyNames":` + pick(r, `{"maxLength":1}`, `{"pattern":"a"}`, `{"enum":["a","b"]}`)
	case 11:
		return `"required":` + pick(r, `["a"]`, `["a","b"]`, `[]`)
	case 12:
		return `"items":` + sub()
	case 13:
		return `"contains":` + sub()
	case 14:
		return fmt.Sprintf(`"%s":[%s,%s]`, pick(r, "allOf", "anyOf", "oneOf"), sub(), sub())
	case 15:
		return `"not":` + sub()
	case 16:
		return fmt.Sprintf(`"if":%s,"then":%s,"else":%s`, sub(), sub(), sub())
	case 17:
		return `"enum":[1,"a",[1],{"a":1},null]`
	}
	return `"const":` + pick(r, `1`, `"a"`, `[1.0]`, `{"a":1e0}`)
}

func randomValue(r *rand.Rand, depth int) []byte {
	n := r.IntN(10)
	switch {
	case n < 4 && depth > 0:
		var members []string
		for _, name := range []string{"a", "b", "ab", "c"} {
			if r.IntN(2) == 0 {
				members = append(members, fmt.Sprintf("%q:%s", name, randomValue(r, depth-1)))
			}
		}
		return []byte("{" + strings.Join(members, ",") + "}")
	case n < 6 && depth > 0:
		var items []string
		for range r.IntN(4) {
			items = append(items, string(randomValue(r, depth-1)))
		}
		return []byte("[" + strings.Join(items, ",") + "]")
	}
	return []byte(pick(r, `null`, `true`, `false`, `0`, `1`, `1.0`, `1.5`, `-1`, `2`, `3`, `0.3`, `6e0`, `""`, `"a"`, `"ab"`, `"bab"`, `"c"`, `"ä"`))
}
