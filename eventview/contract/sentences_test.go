package contract_test

import (
	"fmt"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// The sentences say what whoever reads them has to know.
func TestSentences(t *testing.T) {
	t.Parallel()
	bird := strings.ReplaceAll(dog, "dog", "bird")
	for _, c := range []struct{ action, older, newer, want string }{
		{"send", oneOf(cat, dog), oneOf(cat, dog, bird), `may also be object, with kind "bird"`},
		{"receive", oneOf(cat, dog, bird), oneOf(cat, dog), `may not be object, with kind "bird" any more, in one of its forms`},
		{"send", `{"const": "a"}`, `{"const": "b"}`, `thing.made: may be "b" [enum-widened]`},
		{"send", `{"enum": ["a"]}`, `{"enum": ["a", "b"]}`, `may also be "b"`},
		{"send", `{}`, `{"required": ["a"]}`, "a: is always there"},
		{"receive", `{}`, `{"required": ["a"]}`, "a: has to be there"},
		{"send", `{"required": ["a"]}`, `{}`, "a: may be missing"},
		{"receive", `{"required": ["a"]}`, `{}`, "a: need not be there"},
		{"send", `{"prefixItems": [{}]}`, `{"prefixItems": [true], "minContains": 1}`, "a keyword that cannot be judged (prefixItems, minContains) has changed"},
	} {
		changes := contract.Compare(parse(t, document(c.action, c.older)), parse(t, document(c.action, c.newer)))
		if text := fmt.Sprint(changes); !strings.Contains(text, c.want) {
			t.Errorf("%s from %s to %s: %s, want %s", c.action, c.older, c.newer, text, c.want)
		}
	}
	untold := strings.Replace(string(document("send", "{}")), `"defaultContentType": "application/json",`, "", 1)
	if text := fmt.Sprint(contract.Compare(parse(t, document("send", "{}")), parse(t, []byte(untold)))); !strings.Contains(text, "was application/json, is not told") {
		t.Error(text)
	}
}
