package eventview_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// defaulting describes a payload by a default value, which may be any JSON.
type defaulting struct {
	eventbus.Codec[any]

	value json.RawMessage
}

func (d defaulting) OutputSchema() json.RawMessage {
	return fmt.Appendf(nil, `{"default": %s}`, d.value)
}

// documents of one event whose schema holds a value and whose texts hold another one.
func documents(value json.RawMessage, text string) (asJSON, asYAML []byte) {
	x := eventbus.NewExchange("hrm")
	eventbus.Declare(x, "thing.seen", text, eventbus.WithCodec(defaulting{value: value}))
	view := eventview.Service{Title: "T" + text, Version: text, Description: text, Publishes: []*eventbus.Exchange{x}}.View()
	return view.AsyncAPI().Bytes(), view.AsyncAPIYAML().Bytes()
}

// Whatever stands in a document, a reader of YAML finds in it what the JSON says.
func FuzzYAML(f *testing.F) {
	for i, text := range yamlTexts {
		f.Add([]byte(yamlValues[i%len(yamlValues)]), text)
	}
	for _, value := range yamlValues {
		f.Add([]byte(value), "plain")
	}
	f.Fuzz(func(t *testing.T, value []byte, text string) {
		if !json.Valid(value) || !utf8.Valid(value) || len(value) > 500 || len(text) > 3000 || bytes.Count(value, []byte("[")) > 100 || hasTwins(value) {
			return
		}
		asJSON, asYAML := documents(value, text)
		var root yaml.Node
		if err := yaml.Unmarshal(asYAML, &root); err != nil {
			t.Fatalf("%v\n%s\n%s", err, asJSON, asYAML)
		}
		d := json.NewDecoder(bytes.NewReader(asJSON))
		d.UseNumber()
		var want any
		if err := d.Decode(&want); err != nil {
			t.Fatal(err)
		}
		if err := same(want, root.Content[0]); err != nil {
			t.Fatalf("%v\n%s\n%s", err, asJSON, asYAML)
		}
	})
}

type errDiffers struct {
	want any
	n    *yaml.Node
}

func (e errDiffers) Error() string {
	return fmt.Sprintf("line %d: %q of type %s, in JSON it is %#v", e.n.Line, e.n.Value, e.n.ShortTag(), e.want)
}

// same compares a JSON value with what a reader of YAML found.
func same(want any, n *yaml.Node) error {
	wrong := errDiffers{want, n}
	switch want := want.(type) {
	case map[string]any:
		if n.Kind != yaml.MappingNode || len(n.Content) != 2*len(want) {
			return wrong
		}
		for i := 0; i < len(n.Content); i += 2 {
			member, there := want[n.Content[i].Value]
			if !there || n.Content[i].ShortTag() != "!!str" {
				return fmt.Errorf("line %d: key %q of type %s", n.Line, n.Content[i].Value, n.Content[i].ShortTag())
			}
			if err := same(member, n.Content[i+1]); err != nil {
				return err
			}
		}
		return nil
	case []any:
		if n.Kind != yaml.SequenceNode || len(n.Content) != len(want) {
			return wrong
		}
		for i := range want {
			if err := same(want[i], n.Content[i]); err != nil {
				return err
			}
		}
		return nil
	case json.Number:
		if len(want) > 50 || exponent(string(want)) > 300 {
			return nil // no reader of YAML takes it for what it is
		}
		x, one := new(big.Rat).SetString(string(want))
		y, two := new(big.Rat).SetString(n.Value)
		if tag := n.ShortTag(); tag != "!!int" && tag != "!!float" || !one || !two || x.Cmp(y) != 0 {
			return wrong
		}
		return nil
	case string:
		if n.ShortTag() != "!!str" || n.Value != want {
			return wrong
		}
	case bool:
		if n.ShortTag() != "!!bool" || n.Value != fmt.Sprint(want) {
			return wrong
		}
	default:
		if n.ShortTag() != "!!null" {
			return wrong
		}
	}
	return nil
}

func exponent(number string) (n int) {
	_, text, _ := strings.Cut(strings.ToLower(number), "e")
	if _, err := fmt.Sscan(text, &n); err != nil && text != "" {
		return 1000
	}
	return max(n, -n)
}

// hasTwins tells whether an object has two members of one name, which YAML forbids.
func hasTwins(text []byte) bool {
	var compact bytes.Buffer
	var value any
	if json.Compact(&compact, text) != nil || json.Unmarshal(text, &value) != nil {
		return true
	}
	again, err := json.Marshal(value)
	return err != nil || bytes.Count(again, []byte(":")) != bytes.Count(compact.Bytes(), []byte(":"))
}

var (
	yamlTexts = []string{
		"", " ", "a", "y", "No", "TRUE", "null", "~", "-", "- a", "a: b", "a #b", "#a", "&a", "*a", "!a", "|", ">", "'a'", `"a"`, "%a", "@a", "`a`", "{a", "[a", "a,b",
		"?", "? a", ":", "a:", "a\n", "a\nb", "\ta", "a ", "1", "0x1f", "0o7", "017", "1_000", "1e3", "1.0e+3", ".5", ".inf", ".NaN", "12:30:45", "2026-01-31", "=", "<<",
		"ä", "\u0085", "\u00a0", "\u2028", "\ufeff", "\ufffe", "😀", "\x7f", "\x00", "\\", "a\\nb", "---", "...", "--- a", "a/", "/a", "a b", "a-", "_", "off", "offer", strings.Repeat("long ", 300),
	}
	yamlValues = []string{
		`null`, `true`, `0`, `-0`, `1e3`, `1E-5`, `-1.5e+7`, `10.50`, `12345678901234567890`, `""`, `"\/"`, `"\ud83d\ude00"`, `"\ud800"`, `"\u0000\u001f"`, `{}`, `[]`, `[[]]`, `[{}]`, `{"": {}}`,
		`[[1, [2]], {"a": [{"b": 1, "c": []}]}]`, `{"a": {"b": {"c": [1, {"d": [[]]}]}}}`, `{"y": 1, "1": 2, "~": 3, "<<": 4, "a: b": 5, "": 6, "null": 7}`,
		`{"` + strings.Repeat("k", 1100) + `": [1]}`, `{"` + strings.Repeat("ä", 600) + `": {"a": 1}}`, `"` + strings.Repeat("text ", 500) + `"`,
	}
)

// A reader of YAML 1.1, PyYAML, finds the same as well: in its eyes "no" is false and 1:30 a number.
func TestYAMLOfPython(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3" // the one that Debian's packages belong to
	if exec.CommandContext(t.Context(), python, "-c", "import yaml").Run() != nil {
		testenv.MissingPackage(t, "python3-yaml")
	}
	var input bytes.Buffer
	e := json.NewEncoder(&input)
	r := rand.New(rand.NewPCG(1, 2))
	for _, text := range yamlTexts {
		for range 3 {
			value := yamlValues[r.IntN(len(yamlValues))]
			if slices.Contains([]string{`"\ud800"`, `-0`}, value) {
				continue // spelt in two ways
			}
			asJSON, asYAML := documents(json.RawMessage(value), text)
			if err := e.Encode([]string{string(asJSON), string(asYAML)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", `
import json, sys, yaml
n = 0
for line in sys.stdin:
    one, two = json.loads(line)
    one, two = json.loads(one), yaml.safe_load(two)
    if json.dumps(one, sort_keys=True) != json.dumps(two, sort_keys=True):
        sys.exit("%s\n%s" % (one, two))
    n += 1
print(n)
`)
	cmd.Stdin = &input
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var n int
	if _, err := fmt.Sscan(string(out), &n); err != nil || n < 2*len(yamlTexts) {
		t.Errorf("%s documents were compared", out)
	}
}
