package serializer

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// Fields is a declaration: fields, computed fields and checks, in the order in which they are shown and validated.
type Fields []Spec

// Spec is one entry of a declaration. Field, Nullable, List, Dict, Selection, Nested, Many, Related, Computed and Check make them.
type Spec interface{ declared() *spec }

// spec is what an entry says, before New has compared it with the type.
type spec struct {
	label string // the constructor, for messages: Field, Related
	at    addr   // the field in the sample
	typ   reflect.Type
	keep  any // holds the sample's field alive

	name                          string
	readOnly, writeOnly, optional bool
	blankSet                      func(addr) // sets the default
	messages                      map[string]string
	rules                         rules
	wrong                         []string // mistakes that were seen while declaring

	loaded     addr // the field that Loaded gave, or nil
	loadedType reflect.Type

	build func(*compiler, *spec) codec // nil: by the type
	check func(addr) error             // a check across fields: no field at all
	owner reflect.Type                 // the type that a Computed or Check takes
}

// rules are the constraints of one value. Each kind says which of them it knows; given lists those that were declared.
type rules struct {
	given            []string
	minLen, maxLen   int // -1: none
	blank, keepSpace bool
	notEmpty         bool
	format           format
	pattern          *regexp.Regexp
	digits, places   int // -1: any
	layouts          []string
	showLayout       string
	min, max         any
	choices          []any
	choose           func(addr, int) // writes choices[i]
	checks           []func(addr) error
	unique           *holders
	null             bool // set for codecs that know null themselves
	defaultValue     any
	hasDefault       bool
}

func newSpec(label string, at addr, typ reflect.Type, keep any) *spec {
	return &spec{label: label, at: at, typ: typ, keep: keep, rules: rules{minLen: -1, maxLen: -1, digits: -1, places: -1}}
}

func (s *spec) rule(name string) *rules {
	s.rules.given = append(s.rules.given, name)
	return &s.rules
}

func (s *spec) mistake(format string, args ...any) {
	s.wrong = append(s.wrong, fmt.Sprintf(format, args...))
}

func (s *spec) maxLength(n int) { s.rule("MaxLength").maxLen = s.length("MaxLength", n) }

func (s *spec) minLength(n int) { s.rule("MinLength").minLen = s.length("MinLength", n) }

func (s *spec) as(name string) {
	if name == "" {
		s.mistake("As was given no name; take it out to use the json tag")
	}
	s.name = name
}

func (s *spec) message(code, text string) {
	if code == "" || text == "" {
		s.mistake("Message(%q, %q) says nothing; give the code of a message, such as \"required\", and its text", code, text)
	}
	if _, known := slices.BinarySearch(codes, code); !known && code != "" {
		s.mistake("Message(%q, …) replaces nothing: no field has a message with this code; the codes are %s", code, strings.Join(codes, ", "))
	}
	if s.messages == nil {
		s.messages = map[string]string{}
	}
	s.messages[code] = text
}

func (s *spec) length(rule string, n int) int {
	if n < 0 {
		s.mistake("%s(%d) makes no sense; give a number from 0 on", rule, n)
	}
	return n
}

// FieldOf is a declared field with values of type V. Its methods add rules and return the same field, so that they chain.
// A rule that does not fit the type, such as MaxLength on a number, makes New panic and say so.
type FieldOf[V any] struct{ s *spec }

func (f *FieldOf[V]) declared() *spec {
	if f == nil {
		return nil
	}
	return f.s
}

// Field declares the field that p points to, which must belong to the struct that the function of New was given. The json tag names it, or the
// Go name where there is none. What it accepts and shows follows from its type: numbers, bool, string, time.Time, time.Duration, netip.Addr,
// slices of these and maps of them with string keys, json.RawMessage, any type with MarshalText and UnmarshalText, and, when nothing else
// fits, any type with MarshalJSON and UnmarshalJSON. Types that only marshal can be ReadOnly. A field of a pointer type accepts null and shows
// nil as null; rules that take values of the type, such as Choices, need Nullable there.
//
// A field must be sent unless it is Optional, ReadOnly or has a Default, and may be neither null nor, for strings, blank.
func Field[V any](p *V) *FieldOf[V] {
	return &FieldOf[V]{newSpec("Field", addrOf(p), reflect.TypeFor[V](), p)}
}

// Nullable declares a field of a pointer type with rules for what it points to: Nullable(&p.Nick).Choices("a", "b"). Null becomes nil.
func Nullable[V any](p **V) *FieldOf[V] {
	return &FieldOf[V]{newSpec("Nullable", addrOf(p), reflect.TypeFor[*V](), p)}
}

// As names the field; the json tag of the Go field is not used then.
func (f *FieldOf[V]) As(name string) *FieldOf[V] { f.s.as(name); return f }

// ReadOnly shows the field and ignores it in the input.
func (f *FieldOf[V]) ReadOnly() *FieldOf[V] { f.s.readOnly = true; return f }

// WriteOnly accepts the field and never shows it, which fits passwords.
func (f *FieldOf[V]) WriteOnly() *FieldOf[V] { f.s.writeOnly = true; return f }

// Optional allows the field to be absent. Decode leaves the zero value then, Patch and Update what was there.
func (f *FieldOf[V]) Optional() *FieldOf[V] { f.s.optional = true; return f }

// Default is the value of a field that is absent when an object is decoded. Patch never uses it. Each object has a copy of its own. Slices and
// maps are refused, and so is a struct that refers to something and neither reads back as text or JSON what it writes; use DefaultFunc for them.
func (f *FieldOf[V]) Default(v V) *FieldOf[V] {
	switch f.typed("Default").Kind() {
	case reflect.Pointer: // noted
		return f
	case reflect.Slice, reflect.Map:
		f.s.mistake("Default would share one %s among all objects; use DefaultFunc", reflect.TypeFor[V]())
		return f
	}
	fresh, ok := copier(v)
	if !ok {
		f.s.mistake("Default would share what is inside of one %s among all objects; use DefaultFunc", reflect.TypeFor[V]())
	}
	f.s.rules.defaultValue, f.s.rules.hasDefault = v, true
	return f.DefaultFunc(fresh)
}

// DefaultFunc is Default with a value made anew for each object.
func (f *FieldOf[V]) DefaultFunc(value func() V) *FieldOf[V] {
	if value == nil {
		f.s.mistake("DefaultFunc was given no function; give one that returns a value")
	}
	if f.s.typ == reflect.TypeFor[*V]() && f.s.label == "Nullable" {
		f.s.blankSet = func(a addr) { v := value(); *at[*V](a) = &v }
	} else {
		f.s.blankSet = func(a addr) { *at[V](a) = value() }
	}
	return f
}

// Null allows null for a slice, a map or a json.RawMessage, which become nil, and shows nil as null. It also lets a type with UnmarshalJSON
// read null. Other types say it with a pointer.
func (f *FieldOf[V]) Null() *FieldOf[V] { f.s.rule("Null").null = true; return f }

// Message replaces the text of a message of the field, found by its code: Message("required", "Please tell us your name."). Texts of Check are
// the check's own.
func (f *FieldOf[V]) Message(code, text string) *FieldOf[V] { f.s.message(code, text); return f }

// Blank allows the empty string.
func (f *FieldOf[V]) Blank() *FieldOf[V] { f.s.rule("Blank").blank = true; return f }

// KeepSpace keeps white space at both ends of a string, which is cut off otherwise.
func (f *FieldOf[V]) KeepSpace() *FieldOf[V] { f.s.rule("KeepSpace").keepSpace = true; return f }

// MaxLength bounds the characters (code points) of a string or the elements of a list.
func (f *FieldOf[V]) MaxLength(n int) *FieldOf[V] { f.s.maxLength(n); return f }

// MinLength asks for at least n characters (code points) of a string or elements of a list.
func (f *FieldOf[V]) MinLength(n int) *FieldOf[V] { f.s.minLength(n); return f }

// NotEmpty refuses an empty list or map.
func (f *FieldOf[V]) NotEmpty() *FieldOf[V] { f.s.rule("NotEmpty").notEmpty = true; return f }

// Min is the smallest number that is accepted.
func (f *FieldOf[V]) Min(v V) *FieldOf[V] { f.typed("Min"); f.s.rule("Min").min = v; return f }

// Max is the largest number that is accepted.
func (f *FieldOf[V]) Max(v V) *FieldOf[V] { f.typed("Max"); f.s.rule("Max").max = v; return f }

// Email accepts e-mail addresses.
func (f *FieldOf[V]) Email() *FieldOf[V] { return f.format("Email", emailFormat) }

// URL accepts absolute http, https, ftp and ftps addresses.
func (f *FieldOf[V]) URL() *FieldOf[V] { return f.format("URL", urlFormat) }

// Slug accepts ASCII letters, digits, underscores and hyphens.
func (f *FieldOf[V]) Slug() *FieldOf[V] { return f.format("Slug", slugFormat) }

// UnicodeSlug is Slug with the letters and digits of all scripts.
func (f *FieldOf[V]) UnicodeSlug() *FieldOf[V] { return f.format("UnicodeSlug", unicodeSlugFormat) }

// UUID accepts a UUID in any of its usual spellings and keeps it in the one with lower-case letters and hyphens.
// It is for strings and for types with UnmarshalText.
func (f *FieldOf[V]) UUID() *FieldOf[V] { return f.format("UUID", uuidFormat) }

// Regexp accepts strings in which the pattern matches somewhere; anchor it with ^ and $ to match the whole.
func (f *FieldOf[V]) Regexp(pattern *regexp.Regexp) *FieldOf[V] {
	if pattern == nil {
		f.s.mistake("Regexp was given nil; compile the pattern with regexp.MustCompile")
	}
	f.s.rules.pattern = pattern
	return f.format("Regexp", regexpFormat)
}

// Decimal treats a string, or a type with MarshalText and UnmarshalText, as a decimal number of at most so many digits in all, of which so many
// are behind the point; -1 stands for any number of them. It is shown as a string with exactly that many places, rounded half to even.
func (f *FieldOf[V]) Decimal(digits, places int) *FieldOf[V] {
	if digits < -1 || digits == 0 || places < -1 || digits > 0 && places > digits {
		f.s.mistake("Decimal(%d, %d) makes no sense; give the digits in all and, of these, the places behind the point; -1 for any", digits, places)
	}
	f.s.rules.digits, f.s.rules.places = digits, places
	return f.format("Decimal", decimalFormat)
}

// Date treats a time.Time as a date, 2006-01-02, at midnight UTC.
func (f *FieldOf[V]) Date() *FieldOf[V] { return f.format("Date", dateFormat) }

// TimeOfDay treats a time.Time as a time of day, 15:04:05 with microseconds where there are any. What is accepted has the date 1 January of
// the year 0, in UTC, as times have that time.Parse reads without a date.
func (f *FieldOf[V]) TimeOfDay() *FieldOf[V] { return f.format("TimeOfDay", timeOfDayFormat) }

// AcceptLayouts are the only layouts in which a time, date or time of day is accepted, written as for time.Parse; ISO8601 stands for the
// default. A layout without a zone is read as UTC.
func (f *FieldOf[V]) AcceptLayouts(layouts ...string) *FieldOf[V] {
	if len(layouts) == 0 {
		f.s.mistake("AcceptLayouts was given none; list the layouts, such as 02.01.2006 and serializer.ISO8601")
	}
	f.s.rule("AcceptLayouts").layouts = layouts
	return f
}

// ShowLayout is how a time, date or time of day is shown, written as for time.Format. Times are shown in UTC.
func (f *FieldOf[V]) ShowLayout(layout string) *FieldOf[V] {
	if layout == "" || layout == ISO8601 {
		f.s.mistake("ShowLayout(%q) is the default; take it out", layout)
	}
	f.s.rule("ShowLayout").showLayout = layout
	return f
}

// IP accepts IPv4 and IPv6 addresses, the latter in their shortest spelling; an IPv4 address inside an IPv6 one becomes a plain one.
// Fields of type netip.Addr accept them without it.
func (f *FieldOf[V]) IP() *FieldOf[V] { return f.format("IP", ipFormat) }

// IPv4 accepts IPv4 addresses.
func (f *FieldOf[V]) IPv4() *FieldOf[V] { return f.format("IPv4", ipv4Format) }

// IPv6 accepts IPv6 addresses and keeps them in their shortest spelling.
func (f *FieldOf[V]) IPv6() *FieldOf[V] { return f.format("IPv6", ipv6Format) }

// Choices are the only values that are accepted. What is shown is not checked against them. Each object has a copy of its own.
func (f *FieldOf[V]) Choices(values ...V) *FieldOf[V] {
	f.typed("Choices")
	if len(values) == 0 {
		f.s.mistake("Choices was given none; list the values that are accepted")
	}
	r := f.s.rule("Choices")
	r.choices = make([]any, len(values))
	fresh := make([]func() V, len(values))
	for i, v := range values {
		r.choices[i] = v
		var ok bool
		if fresh[i], ok = copier(v); !ok {
			f.s.mistake("Choices would share what is inside of one %s among all objects; use Check, or values that MarshalText and UnmarshalText keep as they are", reflect.TypeFor[V]())
			return f
		}
	}
	r.choose = func(a addr, i int) { *at[V](a) = fresh[i]() }
	return f
}

// Check adds a check of the accepted value. The text of its error is the message; several messages, codes and the like come from Invalid
// and errors.Join. It is not called for null, blank or values that are wrong already.
func (f *FieldOf[V]) Check(check func(V) error) *FieldOf[V] {
	f.typed("Check")
	addCheck(f.s, check)
	return f
}

// Unique refuses a value that another object holds already. See Holders.
func (f *FieldOf[V]) Unique(by HoldersOf[V]) *FieldOf[V] {
	f.typed("Unique")
	f.s.uniqueBy(by.h)
	return f
}

func addCheck[V any](s *spec, check func(V) error) {
	if check == nil {
		s.mistake("Check was given no function; give one that returns an error for what is wrong")
	}
	s.rules.checks = append(s.rules.checks, func(a addr) error { return check(*at[V](a)) })
}

func (s *spec) uniqueBy(h *holders) {
	s.rule("Unique").unique = h
	if h == nil || h.unasked {
		s.mistake("Unique was given no holders; make them with serializer.Holders(&p.ID, lookup)")
	}
}

func (f *FieldOf[V]) format(rule string, format format) *FieldOf[V] {
	if f.s.rules.format != anyFormat {
		f.s.mistake("%s stands beside another format; keep one of them", rule)
	}
	f.s.rule(rule).format = format
	return f
}

// typed notes a rule that takes values of V on a pointer type: it would compare pointers.
func (f *FieldOf[V]) typed(rule string) reflect.Type {
	t := reflect.TypeFor[V]()
	if t.Kind() == reflect.Pointer {
		f.s.mistake("%s on a pointer would speak of pointers; declare the field with serializer.Nullable(&p.X)", rule)
	}
	return t
}
