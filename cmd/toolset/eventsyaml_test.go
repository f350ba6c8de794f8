package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestYAMLBecomesJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"b: 1\na: [x, 'y', \"z\"]":                                              `{"b":1,"a":["x","y","z"]}`,
		"a: 2026-01-31\nb: 2026-01-31T10:00:00Z\nc: 3.0.0":                      `{"a":"2026-01-31","b":"2026-01-31T10:00:00Z","c":"3.0.0"}`,
		"a: 0x1F\nb: 1_000\nc: -0o17\nd: +5\ne: 123456789012345678901234567890": `{"a":31,"b":1000,"c":-15,"d":5,"e":123456789012345678901234567890}`,
		"a: 0.10\nb: 1e3\nc: 1.\nd: 3.14159265358979323846264338327950288":      `{"a":0.10,"b":1e3,"c":1,"d":3.14159265358979323846264338327950288}`,
		"a: true\nb: !!str true\nc: ~\nd:\ne: yes":                              `{"a":true,"b":"true","c":null,"d":null,"e":"yes"}`,
		"200: ok\ntrue: x":                                    `{"200":"ok","true":"x"}`,
		"a: |\n  one\n  two\nb: >\n  one\n  two\n":            `{"a":"one\ntwo\n","b":"one two\n"}`,
		"a: &x {n: 1}\nb: *x\nc: [*x, *x]":                    `{"a":{"n":1},"b":{"n":1},"c":[{"n":1},{"n":1}]}`,
		"a: &x {n: 1, m: 1}\nb: {<<: *x, n: 2}":               `{"a":{"n":1,"m":1},"b":{"n":2,"m":1}}`,
		"a: &x {n: 1}\nb: &y {n: 2, m: 2}\nc: {<<: [*x, *y]}": `{"a":{"n":1},"b":{"n":2,"m":2},"c":{"n":1,"m":2}}`,
		"\ufeff{\"a\": 1}":                                    `{"a": 1}`,
		"# only\n---\na: 1":                                   `{"a":1}`,
		"text":                                                `"text"`,
	} {
		if got, err := documentJSON([]byte(text)); err != nil || string(got) != want {
			t.Errorf("%q: %s, %v, want %s", text, got, err, want)
		}
	}
}

func TestYAMLThatIsWrong(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x]\n"
	merges := "a0: &a0 {n: 1}\n"
	for i := range 30 {
		bomb += fmt.Sprintf("a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i, i, i, i, i)
		merges += fmt.Sprintf("a%d: &a%d {<<: [*a%d, *a%d]}\n", i+1, i+1, i, i)
	}
	for text, want := range map[string]string{
		"":                               "it is empty",
		"# nothing\n":                    "it is empty",
		"a: [1":                          "line 1: it is no YAML",
		"a: 1\nb: [1, 2":                 "line 2: it is no YAML",
		"a: 1\nb: 2\nc: }":               "line 3",
		"a: 1\n\tb: 2":                   "line 2",
		"a: 1\n---\nb: 2":                "line 2: a second document",
		"a: 1\nb: 2\na: 3":               `line 3: the key "a" is there twice`,
		"a: 1\n? [b]\n: 2":               "line 2: a key is a text",
		"a: 1\nb: !!binary aGk=":         "line 2: the tag !!binary",
		"a: 1\nb: !mine x":               "line 2: the tag !mine",
		"a:\n  b: .inf":                  `line 2: ".inf" is no number`,
		"a:\n  b: .nan":                  `line 2: ".nan" is no number`,
		"a: 1\nb: *x":                    "unknown anchor 'x'",
		"a: 1\nb: {<<: 5}":               "line 2: only a mapping",
		"a: &x\n  b: *x":                 "contains itself",
		"a: &x\n  <<: *x":                "contains itself",
		"{\n\"a\": 1,\n\"b\": }":         "line 3: it is no JSON",
		"{\n\"a\": 1\n":                  "line 3: it is no JSON",
		bomb:                             "too large, with its aliases",
		merges:                           "too large, with its aliases",
		strings.Repeat("- ", 2000) + "1": "nests more than 1000 levels deep",
	} {
		if got, err := documentJSON([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %.60s, %v, want %s", text, got, err, want)
		}
	}
}

// The two spellings of a document differ in nothing, and a change is found across them.
func TestEventsDiffReadsYAML(t *testing.T) {
	t.Parallel()
	const schema = `{"type": "object", "properties": {"id": {"type": "%s"}}}`
	asJSON := `{"asyncapi": "3.0.0", "channels": {"c": {"address": "a.b", "messages": {"m": {"name": "a.b", "payload": ` + fmt.Sprintf(schema, "integer") +
		`}}}}, "operations": {"o": {"action": "send", "channel": {"$ref": "#/channels/c"}}}}`
	asYAML := `
asyncapi: 3.0.0
channels:
  c:
    address: a.b
    messages:
      m: {name: a.b, payload: &thing {type: object, properties: {id: {type: %s}}}}
operations:
  o: {action: send, channel: {$ref: '#/channels/c'}}
`
	dir := t.TempDir()
	file := func(name, text string) string {
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	older, same := file("older.json", asJSON), file("same.yaml", fmt.Sprintf(asYAML, "integer"))
	other, broken := file("other.yml", fmt.Sprintf(asYAML, "string")), file("broken.yaml", "a: 1\nb: [")
	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"events", "diff", older, same}, &stdout, new(bytes.Buffer)); err != nil || stdout.String() != "0 breaking, 0 compatible\n" {
		t.Errorf("%v, %s", err, &stdout)
	}
	if err := run(t.Context(), []string{"events", "diff", same, other}, &stdout, new(bytes.Buffer)); err == nil || !strings.Contains(stdout.String(), "id: was integer, is string") {
		t.Errorf("%v, %s", err, &stdout)
	}
	err := run(t.Context(), []string{"events", "diff", same, broken}, &stdout, new(bytes.Buffer))
	if err == nil || !strings.Contains(err.Error(), "broken.yaml: line 2: it is no YAML") {
		t.Errorf("got %v", err)
	}
}
