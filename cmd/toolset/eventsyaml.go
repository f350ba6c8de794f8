package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a YAML document may grow to when its aliases are replaced by what they stand for.
const (
	maxYAML      = maxFetch // bytes as JSON
	maxYAMLDepth = 1000
	maxYAMLSteps = 4 << 20 // values and keys
)

// documentJSON is a document as JSON, whether it was JSON or YAML. An error names the line.
func documentJSON(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if start := bytes.TrimLeft(text, " \t\r\n"); len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		return text, brokenJSON(text)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	var document, next yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty; it is an AsyncAPI document as JSON or YAML")
	case err != nil:
		return nil, withLine(err, text)
	}
	switch err := d.Decode(&next); {
	case err == nil:
		return nil, fmt.Errorf("line %d: a second document begins; there is one in a file", next.Line)
	case !errors.Is(err, io.EOF):
		return nil, withLine(err, text)
	}
	w := &yamlWriter{}
	if err := w.value(&document, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

// yamlError is how the library tells where YAML ends to be YAML. Its parser, unlike its scanner, counts lines from 0, and
// then leaves out the first one.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?(did not find expected .*|.*)$`)

// withLine names the line of an error as people count.
func withLine(err error, text []byte) error {
	found := yamlError.FindStringSubmatch(err.Error())
	if found == nil || found[1] == "" && !strings.HasPrefix(found[2], "did not find expected ") {
		return err
	}
	line, _ := strconv.Atoi(found[1]) // "" is the first one
	if strings.HasPrefix(found[2], "did not find expected ") {
		line = min(line+1, 1+bytes.Count(bytes.TrimSpace(text), []byte("\n"))) // the end is found one line behind the last
	}
	return fmt.Errorf("line %d: it is no YAML: %s", line, found[2])
}

// brokenJSON tells where JSON ends to be JSON.
func brokenJSON(text []byte) error {
	var whole json.RawMessage
	err := json.Unmarshal(text, &whole)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("line %d: it is no JSON: %w", 1+bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n")), err)
	}
	return err
}

// yamlWriter writes YAML as JSON, in the order in which it stands.
type yamlWriter struct {
	out   []byte
	steps int
}

func (w *yamlWriter) value(n *yaml.Node, depth int) error {
	if err := w.step(n, depth); err != nil {
		return err
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return w.value(n.Content[0], depth+1)
	case yaml.AliasNode:
		return w.value(n.Alias, depth+1)
	case yaml.MappingNode:
		return w.mapping(n, depth)
	case yaml.SequenceNode:
		w.out = append(w.out, '[')
		for i, item := range n.Content {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			if err := w.value(item, depth+1); err != nil {
				return err
			}
		}
		w.out = append(w.out, ']')
		return nil
	}
	return w.scalar(n)
}

// step bounds the work, and thereby what aliases make of a document.
func (w *yamlWriter) step(n *yaml.Node, depth int) error {
	w.steps++
	switch {
	case depth > maxYAMLDepth:
		return fmt.Errorf("line %d: it nests more than %d levels deep, or contains itself", n.Line, maxYAMLDepth)
	case w.steps > maxYAMLSteps || len(w.out) > maxYAML:
		return fmt.Errorf("line %d: the document is too large, with its aliases replaced by what they stand for", n.Line)
	}
	return nil
}

func (w *yamlWriter) mapping(n *yaml.Node, depth int) error {
	members := &yamlMembers{seen: map[string]bool{}}
	if err := w.members(members, n, depth, false); err != nil {
		return err
	}
	w.out = append(w.out, '{')
	for i, m := range members.list {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.text(m.name)
		w.out = append(w.out, ':')
		if err := w.value(m.value, depth+1); err != nil {
			return err
		}
	}
	w.out = append(w.out, '}')
	return nil
}

// yamlMembers are those of a mapping, each once.
type yamlMembers struct {
	list []yamlMember
	seen map[string]bool
}

type yamlMember struct {
	name  string
	value *yaml.Node
}

// members collects a mapping's own members, then those that are merged into it ("<<") and that it does not have.
func (w *yamlWriter) members(all *yamlMembers, n *yaml.Node, depth int, merged bool) error {
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if err := w.step(key, depth); err != nil {
			return err
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind != yaml.ScalarNode:
			return fmt.Errorf("line %d: a key is a text, as in JSON", n.Content[i].Line)
		case key.ShortTag() == "!!merge":
			merges = append(merges, value)
		case !all.seen[key.Value]:
			all.seen[key.Value] = true
			all.list = append(all.list, yamlMember{key.Value, value})
		case !merged:
			return fmt.Errorf("line %d: the key %q is there twice", n.Content[i].Line, key.Value)
		}
	}
	for _, from := range merges {
		if err := w.merge(all, from, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (w *yamlWriter) merge(all *yamlMembers, from *yaml.Node, depth int) error {
	if err := w.step(from, depth); err != nil {
		return err
	}
	switch from.Kind {
	case yaml.AliasNode:
		return w.merge(all, from.Alias, depth+1)
	case yaml.MappingNode:
		return w.members(all, from, depth, true)
	case yaml.SequenceNode:
		for _, one := range from.Content {
			if err := w.merge(all, one, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("line %d: only a mapping, or a list of them, can be merged by <<", from.Line)
}

// scalar writes what JSON has a word for. A date stays the text that it is.
func (w *yamlWriter) scalar(n *yaml.Node) error {
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!timestamp":
		w.text(n.Value)
		return nil
	case "!!null":
		w.out = append(w.out, "null"...)
		return nil
	case "!!bool":
		var truth bool
		if err := n.Decode(&truth); err != nil {
			return err // names the line
		}
		w.out = strconv.AppendBool(w.out, truth)
		return nil
	case "!!int":
		if json.Valid([]byte(n.Value)) && !strings.ContainsAny(n.Value, ".eE") {
			w.out = append(w.out, n.Value...) // reading many digits would take time with their square
			return nil
		}
		if i, ok := new(big.Int).SetString(n.Value, 0); ok {
			w.out = i.Append(w.out, 10)
			return nil
		}
	case "!!float":
		if json.Valid([]byte(n.Value)) {
			w.out = append(w.out, n.Value...) // with all its digits
			return nil
		}
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			w.out = strconv.AppendFloat(w.out, f, 'g', -1, 64)
			return nil
		}
	default:
		return fmt.Errorf("line %d: the tag %s is nothing that JSON knows", n.Line, tag)
	}
	return fmt.Errorf("line %d: %.40q is no number that JSON knows", n.Line, n.Value)
}

func (w *yamlWriter) text(s string) {
	quoted, _ := json.Marshal(s) // a string always is JSON
	w.out = append(w.out, quoted...)
}
