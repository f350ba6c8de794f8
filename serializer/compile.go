package serializer

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// compiler turns a declaration into a plan. Mistakes panic with what to write instead.
type compiler struct {
	typ    reflect.Type
	sample *sample
	plan   *plan  // under construction
	where  string // the field at hand
}

func (c *compiler) fail(format string, args ...any) {
	panic(fmt.Sprintf("serializer.New for %s: %s%s", c.typ, c.where, fmt.Sprintf(format, args...)))
}

func compile[T any](declare func(*T) Fields, config Config) *plan {
	c := &compiler{typ: typeOf[T]()}
	if c.typ.Kind() != reflect.Struct {
		c.fail("a serializer is declared for a struct, not for a %s", c.typ.Kind())
	}
	if declare == nil {
		c.fail("the declaring function is nil")
	}
	object := new(T)
	c.sample = newSample(reflect.ValueOf(object))
	specs := c.declare(func() Fields { return declare(object) })
	p := &plan{typ: c.typ, config: config, names: map[string]int{}}
	c.plan = p
	for i, entry := range specs {
		c.where = fmt.Sprintf("entry %d: ", i+1)
		if entry == nil || entry.declared() == nil {
			c.fail("is nil; take it out of the list")
		}
		c.entry(p, entry.declared())
	}
	c.where = ""
	if len(p.fields) == 0 {
		c.fail("no fields are declared; return serializer.Fields{serializer.Field(&p.X), ...}")
	}
	c.finish(p)
	return p
}

// declare calls the user's function. A nil pointer in it means that it went deeper than the sample does.
func (c *compiler) declare(call func() Fields) Fields {
	defer func() {
		if r := recover(); r != nil {
			c.fail("the declaring function panicked: %v; it may follow pointers to structs at most %d deep, and a type inside itself once", r, sampleDepth)
		}
	}()
	return call()
}

func (c *compiler) entry(p *plan, s *spec) {
	if s.owner != nil && s.owner != c.typ {
		c.fail("%s takes a *%s; here it must take a *%s", s.label, s.owner, c.typ)
	}
	if s.check != nil {
		c.mistakes(s)
		p.checks = append(p.checks, s.check)
		return
	}
	f := &field{name: s.name, readOnly: s.readOnly, writeOnly: s.writeOnly, setBlank: s.blankSet, computed: s.label == "Computed", values: s.rules, messages: s.messages}
	if s.label == "Item" {
		c.fail("an Item stands inside a List: serializer.List(&p.Tags, serializer.Item[string]())")
	}
	if !f.computed {
		source, goField, err := c.sample.locate(s.at, s.typ)
		if err != nil {
			c.fail("%s: %v", s.label, err)
		}
		f.source, f.typ = source, s.typ
		if f.name == "" {
			f.name = jsonName(goField)
		}
		if f.name == "" {
			c.fail("the Go field %s has no JSON name; name it with As", goField.Name)
		}
	}
	if f.name == "" {
		c.fail("%s needs a name", s.label)
	}
	f.quoted = string(appendString(nil, f.name)) + ":"
	c.where = fmt.Sprintf("field %q: ", f.name)
	if _, twice := p.names[f.name]; twice {
		c.fail("is declared twice; take one out or give it another name with As")
	}
	c.mistakes(s)
	f.targets = c.targets(f, s)
	for _, other := range p.fields {
		for _, a := range f.targets {
			for _, b := range other.targets {
				if a.typ == b.typ && a.source.same(&b.source) {
					c.fail("field %q writes the same Go field; make one of them ReadOnly", other.name)
				}
				f.late = f.late || a.source.covers(a.typ.Size(), &b.source) || b.source.covers(b.typ.Size(), &a.source)
			}
		}
	}
	if f.readOnly && f.writeOnly {
		c.fail("is both ReadOnly and WriteOnly, so it would never be used; keep one of them")
	}
	if s.optional && s.blankSet != nil {
		c.fail("has a Default, so Optional says nothing; take it out")
	}
	recursive := p.recursive
	p.recursive = false
	f.codec = c.codecOf(s, s.typ)
	if f.late && p.recursive && s.label != "Related" { // it would be read twice on every level, what is inside four times, and so on
		c.fail("contains the object itself, and overlaps a field that is declared before; declare it first, or make one of the two ReadOnly")
	}
	p.recursive = p.recursive || recursive
	p.late = p.late || f.late
	c.mistakes(s) // those of an Item
	f.required = !f.readOnly && !s.optional && s.blankSet == nil
	p.names[f.name] = len(p.fields)
	if f.readOnly {
		p.names[f.name] = readOnlyField
	}
	p.fields = append(p.fields, f)
}

// targets are the Go fields that the input, or a default, is written to: the field's own and, of a Related, the one that it is Loaded to.
func (c *compiler) targets(f *field, s *spec) (targets []target) {
	if f.writes() {
		targets = append(targets, target{f.source, f.typ})
	}
	if !f.readOnly && !s.loaded.isNil() {
		targets = append(targets, target{c.source(s.loaded, s.loadedType), s.loadedType})
	}
	return targets
}

func (c *compiler) mistakes(s *spec) {
	if len(s.wrong) > 0 {
		c.fail("%s", strings.Join(s.wrong, "; "))
	}
}

func (c *compiler) finish(p *plan) {
	p.pinned = len(p.checks) > 0
	for _, f := range p.fields {
		if pin, ok := f.codec.(pinner); ok && pin.pins() {
			p.pinned = true
		}
		if f.writeOnly {
			continue
		}
		p.steps = append(p.steps, newStep(f, len(p.steps) == 0))
		if g, ok := f.codec.(gatherer); ok && needsGather(g) {
			p.gathers = true
		}
	}
}

// accepts refuses the declared rules that the kind does not know.
func (c *compiler) accepts(s *spec, known ...string) {
	for _, rule := range s.rules.given {
		if !slices.Contains(known, rule) {
			can := "it has no rules of this sort"
			if len(known) > 0 {
				can = "it knows " + strings.Join(known, ", ")
			}
			c.fail("%s is no rule for %s; %s", rule, s.typ, can)
		}
	}
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

func (c *compiler) source(a addr, t reflect.Type) source {
	source, _, err := c.sample.locate(a, t)
	if err != nil {
		c.fail("%v", err)
	}
	return source
}

// unique is the rule with the way to the object's own key.
func (c *compiler) unique(h *holders) *holders {
	if h == nil {
		return nil
	}
	located := *h
	located.from, located.size = c.source(h.key, h.keyType), c.typ.Size()
	return &located
}

const readOnlyField = -1
