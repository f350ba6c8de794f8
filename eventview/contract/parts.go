package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/internal/jsonschema"
)

// part is something around a payload that both sides rely on, and that has no rules for what is in it: a difference is
// told as such.
type part struct {
	name, text string // the JSON in one spelling, without what is written for people
}

// parts are those of an operation and its channel.
func (p *parser) parts(operation, channel json.RawMessage) ([]part, error) {
	var all []part
	add := func(name string, raw json.RawMessage) error { return p.part(&all, name, raw) }
	reply, _, err := p.follow(member(operation, "reply"))
	err = errors.Join(err,
		add("the operation's bindings", member(operation, "bindings")),
		add("the operation's security", member(operation, "security")),
		add("the reply's address", member(reply, "address")),
		add("the channel's parameters", member(channel, "parameters")))
	bindings, _, followed := p.follow(member(channel, "bindings"))
	err = errors.Join(err, followed)
	for protocol, binding := range jsonschema.Members(bindings) {
		if protocol != "amqp" {
			err = errors.Join(err, add("the channel's bindings of "+protocol, binding))
			continue
		}
		for name, value := range jsonschema.Members(binding) {
			switch name {
			case "exchange", "queue":
				err = errors.Join(err, add("the "+name, value))
			case "bindingVersion":
			default:
				err = errors.Join(err, add("the channel's bindings of amqp, "+name, value))
			}
		}
	}
	return all, err
}

// messageParts are those of a message.
func (p *parser) messageParts(message json.RawMessage) (all []part, err error) {
	err = errors.Join(
		p.part(&all, "the message's bindings", member(message, "bindings")),
		p.part(&all, "the message's correlationId", member(message, "correlationId")))
	return all, err
}

// part adds one, if it is there.
func (p *parser) part(all *[]part, name string, raw json.RawMessage) error {
	text, err := p.spell(raw, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if text != "" {
		*all = append(*all, part{name, text})
	}
	return nil
}

// join puts the parts of messages together that have one name.
func join(parts, others []part) []part {
	parts = slices.Clone(parts)
	for _, other := range others {
		i := slices.IndexFunc(parts, func(have part) bool { return have.name == other.name })
		switch {
		case i < 0:
			parts = append(parts, other)
		case !slices.Contains(strings.Split(parts[i].text, "\n"), other.text): // JSON in one spelling has no line breaks
			texts := append(strings.Split(parts[i].text, "\n"), other.text)
			slices.Sort(texts)
			parts[i].text = strings.Join(texts, "\n")
		}
	}
	return parts
}

// A document does not get larger than this, in bytes, by what its references lead to, nor deeper.
const (
	maxSpelt      = 64 << 20
	maxSpeltDepth = 50
)

// spell writes JSON in one spelling, with references replaced by what they lead to and without what only people read.
func (p *parser) spell(raw json.RawMessage, depth int) (string, error) {
	raw, where, err := p.follow(raw)
	if err != nil || raw == nil {
		return "", err
	}
	if text, known := p.spelt[where]; known {
		return text, nil
	}
	text, err := p.spellOut(raw, depth)
	if err != nil {
		return "", err
	}
	if p.written += len(text); p.written > maxSpelt {
		return "", errors.New("its references make too much of it")
	}
	if where != "" {
		p.spelt[where] = text
	}
	return text, nil
}

func (p *parser) spellOut(raw json.RawMessage, depth int) (_ string, err error) {
	if depth > maxSpeltDepth {
		return "", fmt.Errorf("it nests more than %d levels deep", maxSpeltDepth)
	}
	switch {
	case raw[0] == '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return "", err
		}
		texts := make([]string, len(list))
		for i, item := range list {
			if texts[i], err = p.spell(item, depth+1); err != nil {
				return "", err
			}
		}
		return "[" + strings.Join(texts, ",") + "]", nil
	case raw[0] != '{':
		return jsonschema.Canonical(raw), nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return "", err
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		if value[0] != '{' && slices.Contains([]string{"title", "summary", "description", "examples", "tags", "bindingVersion"}, name) {
			continue
		}
		text, err := p.spell(value, depth+1)
		if err != nil {
			return "", err
		}
		texts = append(texts, string(jsonschema.AppendString(nil, name))+":"+text)
	}
	return "{" + strings.Join(texts, ",") + "}", nil
}

// parts tells which parts around a payload have changed.
func (c *comparison) parts(older, newer []part) {
	find := func(parts []part, name string) string {
		for _, p := range parts {
			if p.name == name {
				return p.text
			}
		}
		return ""
	}
	tell := func(name, before, after string) {
		rule := "unclear"
		switch name {
		case "the exchange":
			rule = "exchange-changed"
		case "the queue":
			rule = "queue-changed"
		}
		switch {
		case before == "":
			c.note(rule, "", "%s: %s is new", name, brief(after))
		case after == "":
			c.note(rule, "", "%s: %s is gone", name, brief(before))
		case before != after:
			c.note(rule, "", "%s: was %s, is %s", name, brief(before), brief(after))
		}
	}
	for _, p := range newer {
		if before := find(older, p.name); before != p.text {
			tell(p.name, before, p.text)
		}
	}
	for _, p := range older {
		if find(newer, p.name) == "" {
			tell(p.name, p.text, "")
		}
	}
}

// brief cuts JSON that is too long for a line.
func brief(text string) string {
	const most = 200
	text = strings.ReplaceAll(text, "\n", " or ")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}

// headers compares the headers of a message. Where none are described, there may be any, but they are an object.
func (c *comparison) headers(older, newer []*jsonschema.Schema) {
	before, after := anyOf(older), anyOf(newer)
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		before = &jsonschema.Schema{Types: c.of(after).Types}
	case after == nil:
		after = &jsonschema.Schema{Types: c.of(before).Types}
	}
	c.schema(before, after, "(headers)")
}

// anyOf is the choice of several schemas, nil of none.
func anyOf(list []*jsonschema.Schema) *jsonschema.Schema {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &jsonschema.Schema{AnyOf: list}
}
