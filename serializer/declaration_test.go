package serializer_test

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type node struct {
	Name  string         `json:"name"`
	Next  *node          `json:"next"`
	Empty struct{}       `json:"empty"`
	Skip  int            `json:"-"`
	Any   map[string]any `json:"any"`
	Bytes []byte         `json:"bytes"`
	At    time.Time      `json:"at"`
	Nick  *string        `json:"nick"`
	Pair  [2]int         `json:"pair"`
	Size  int            `json:"size"`
	Tags  []string       `json:"tags"`
	Share float64        `json:"share"`
	IP    netip.Addr     `json:"ip"`
	Rows  []row          `json:"rows"`
	Nicks []*string      `json:"nicks"`
}

// A mistake in a declaration panics at start-up and says where it is and what to write instead.
func TestMistakesInDeclarationsPanic(t *testing.T) {
	t.Parallel()
	var elsewhere string
	var none *serializer.Of[row]
	lookup := func(context.Context, []string) (map[string]row, error) { return nil, nil }
	for name, c := range map[string]struct {
		declare func(*node) serializer.Spec
		say     string
	}{
		"a pointer from elsewhere": {func(*node) serializer.Spec { return serializer.Field(&elsewhere) }, "does not point into the serializer_test.node"},
		"a field without size":     {func(n *node) serializer.Spec { return serializer.Field(&n.Empty) }, "has no size"},
		"an element of an array":   {func(n *node) serializer.Spec { return serializer.Field(&n.Pair[1]) }, "to no field of type int"},
		"no name":                  {func(n *node) serializer.Spec { return serializer.Field(&n.Skip) }, "name it with As"},
		"no kind":                  {func(n *node) serializer.Spec { return serializer.Field(&n.Any) }, "cannot be shown as JSON"},
		"bytes":                    {func(n *node) serializer.Spec { return serializer.Field(&n.Bytes) }, "cannot be shown as JSON"},
		"a struct":                 {func(n *node) serializer.Spec { return serializer.Field(&n.Next) }, "declare it with Nested"},
		"too deep":                 {func(n *node) serializer.Spec { return serializer.Field(&n.Next.Next.Next.Name) }, "panicked"},
		"length of a number":       {func(n *node) serializer.Spec { return serializer.Field(&n.Size).MaxLength(3) }, `field "size": MaxLength is no rule for int; it knows Min, Max`},
		"minimum of a string":      {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Min("a") }, "use MinLength and MaxLength"},
		"date of a string":         {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Date() }, "Date is no rule for string"},
		"email of a time":          {func(n *node) serializer.Spec { return serializer.Field(&n.At).Email() }, "Email is no rule for time.Time"},
		"null of a string":         {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Null() }, "Null is no rule for string"},
		"two formats":              {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Email().Slug() }, "keep one of them"},
		"choices of pointers":      {func(n *node) serializer.Spec { return serializer.Field(&n.Nick).Choices(nil) }, "serializer.Nullable(&p.X)"},
		"no choices":               {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Choices() }, "list the values"},
		"a choice twice":           {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Choices("a", "a") }, "listed twice"},
		"default no choice":        {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Choices("a").Default("b") }, `the default "b" is none of the choices`},
		"length of a choice":       {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Choices("a").MaxLength(1) }, "take it out"},
		"a shared default":         {func(n *node) serializer.Spec { return serializer.Field(&n.Tags).Default([]string{"a"}) }, "use DefaultFunc"},
		"optional and default":     {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Default("a").Optional() }, "take it out"},
		"neither in nor out":       {func(n *node) serializer.Spec { return serializer.Field(&n.Name).ReadOnly().WriteOnly() }, "keep one of them"},
		"an empty range":           {func(n *node) serializer.Spec { return serializer.Field(&n.Size).Min(3).Max(2) }, "nothing would be accepted"},
		"length of a decimal":      {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(5, 2).MaxLength(6) }, "MaxLength is no rule for string; it knows Decimal, Min, Max"},
		"a negative length":        {func(n *node) serializer.Spec { return serializer.Field(&n.Name).MinLength(-1) }, "MinLength(-1) makes no sense"},
		"a strange decimal":        {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(2, 3) }, "makes no sense"},
		"a decimal of nothing":     {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(5, 2).Optional() }, "give it a Default"},
		"no pattern":               {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Regexp(nil) }, "regexp.MustCompile"},
		"no serializer":            {func(n *node) serializer.Spec { return serializer.Related(&n.Name, none, lookup) }, "declare it first"},
		"no lookup": {func(n *node) serializer.Spec {
			return serializer.Related(&n.Name, rows, (func(context.Context, []string) (map[string]row, error))(nil))
		}, "given no lookup"},
		"an item in the open":     {func(*node) serializer.Spec { return serializer.Item[string]() }, "inside a List"},
		"a name for an item":      {func(n *node) serializer.Spec { return serializer.List(&n.Tags, serializer.Item[string]().As("x")) }, "belong to the List"},
		"a rule inside an item":   {func(n *node) serializer.Spec { return serializer.List(&n.Tags, serializer.Item[string]().Max("x")) }, "use MinLength"},
		"a check of others":       {func(*node) serializer.Spec { return serializer.Check(func(*row) error { return nil }) }, "must take a *serializer_test.node"},
		"a computed of others":    {func(*node) serializer.Spec { return serializer.Computed("x", func(*row) int { return 0 }) }, "must take a *serializer_test.node"},
		"a nil entry":             {func(*node) serializer.Spec { return nil }, "take it out of the list"},
		"a nil pointer":           {func(*node) serializer.Spec { return serializer.Field((*string)(nil)) }, "does not point into"},
		"an empty name":           {func(n *node) serializer.Spec { return serializer.Field(&n.Name).As("") }, "As was given no name"},
		"a nil field":             {func(*node) serializer.Spec { return (*serializer.FieldOf[string])(nil) }, "take it out of the list"},
		"an empty field":          {func(*node) serializer.Spec { return &serializer.FieldOf[string]{} }, "take it out of the list"},
		"Self of another type":    {func(n *node) serializer.Spec { return serializer.Related(&n.Name, serializer.Self[row](), lookup) }, "Self[serializer_test.row] stands in a serializer of serializer_test.node"},
		"a default beyond":        {func(n *node) serializer.Spec { return serializer.Field(&n.Size).Max(3).Default(4) }, "the default 4 is outside"},
		"a layout of nothing":     {func(n *node) serializer.Spec { return serializer.Field(&n.At).AcceptLayouts("yyyy") }, "has no part of a time"},
		"no layouts":              {func(n *node) serializer.Spec { return serializer.Field(&n.At).AcceptLayouts() }, "list the layouts"},
		"a message of nothing":    {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Message("", "x") }, "says nothing"},
		"By a number":             {func(n *node) serializer.Spec { return serializer.Related(&n.Size, rows, rowsByKey[int](1)).By("x") }, "By is for keys that are strings"},
		"no item":                 {func(n *node) serializer.Spec { return serializer.List(&n.Tags, nil) }, "was given no item"},
		"a field for an item":     {func(n *node) serializer.Spec { return serializer.List(&n.Tags, serializer.Field(&n.Name)) }, "make it with serializer.Item[string]()"},
		"negative related length": {func(n *node) serializer.Spec { return serializer.Related(&n.Tags, rows, rowsByKey("a")).MaxLength(-1) }, "MaxLength(-1) makes no sense"},
		"a key from elsewhere": {func(n *node) serializer.Spec {
			return serializer.Field(&n.Name).Unique(serializer.Holders(&elsewhere, takenKeys))
		}, "does not point into"},
		"a unique key without holders": {func(n *node) serializer.Spec {
			return serializer.Related(&n.Name, rows, rowsByKey("a")).Unique(serializer.HoldersOf[string]{})
		}, "serializer.Holders"},
		"holders without a lookup": {func(n *node) serializer.Spec {
			return serializer.Field(&n.Name).Unique(serializer.Holders[string](&n.Name, nil))
		}, "serializer.Holders"},
		"a check of nothing":         {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Check(nil) }, "Check was given no function"},
		"a key's check of nothing":   {func(n *node) serializer.Spec { return serializer.Related(&n.Name, rows, rowsByKey("a")).Check(nil) }, "Check was given no function"},
		"an item's check of nothing": {func(n *node) serializer.Spec { return serializer.List(&n.Tags, serializer.Item[string]().Check(nil)) }, "Check was given no function"},
		"a default from nothing":     {func(n *node) serializer.Spec { return serializer.Field(&n.Name).DefaultFunc(nil) }, "DefaultFunc was given no function"},
		"lengths of a list":          {func(n *node) serializer.Spec { return serializer.Field(&n.Tags).MinLength(3).MaxLength(1) }, "MinLength(3) is beyond MaxLength(1)"},
		"a list of items' lengths": {func(n *node) serializer.Spec {
			return serializer.List(&n.Tags, serializer.Item[string]()).MinLength(3).MaxLength(1)
		}, "MinLength(3) is beyond MaxLength(1)"},
		"lengths of objects": {func(n *node) serializer.Spec { return serializer.Many(&n.Rows, rows).MinLength(3).MaxLength(1) }, "MinLength(3) is beyond MaxLength(1)"},
		"lengths of keys": {func(n *node) serializer.Spec {
			return serializer.Related(&n.Tags, rows, rowsByKey("a")).MinLength(3).MaxLength(1)
		}, "MinLength(3) is beyond MaxLength(1)"},
		"neither empty nor full":   {func(n *node) serializer.Spec { return serializer.Field(&n.Tags).NotEmpty().MaxLength(0) }, "take one of them out"},
		"neither blank nor text":   {func(n *node) serializer.Spec { return serializer.Field(&n.Name).MaxLength(0) }, "or add Blank"},
		"a range of decimals":      {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(5, 2).Min("10").Max("9.5") }, "Min(10) is beyond Max(9.5)"},
		"more than a decimal has":  {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(5, 2).Min("1000") }, "Min(1000) is beyond all numbers of Decimal(5, 2)"},
		"less than a decimal has":  {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Decimal(3, -1).Max("-1000") }, "Max(-1000) is beyond all numbers of Decimal(3, -1)"},
		"a limit that is none":     {func(n *node) serializer.Spec { return serializer.Field(&n.Share).Min(math.NaN()) }, "give a finite one"},
		"a limit without end":      {func(n *node) serializer.Spec { return serializer.Field(&n.Share).Max(math.Inf(1)) }, "give a finite one"},
		"a choice that is none":    {func(n *node) serializer.Spec { return serializer.Field(&n.Share).Choices(math.NaN()) }, "the choice NaN cannot be shown"},
		"a choice of no address":   {func(n *node) serializer.Spec { return serializer.Field(&n.IP).Choices(netip.Addr{}) }, "cannot be shown"},
		"a choice that is no text": {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Choices("a\xff") }, "is no UTF-8"},
		"an item's pointer choices": {func(n *node) serializer.Spec {
			return serializer.List(&n.Nicks, serializer.Item[*string]().Choices(nil))
		}, "serializer.Nullable(&p.X)"},
		"a message of no code":   {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Message("requird", "x") }, `Message("requird", …) replaces nothing: no field has a message with this code; the codes are blank, `},
		"loaded from nothing":    {func(n *node) serializer.Spec { return serializer.Related(&n.Name, rows, rowsByKey("a")).Loaded(nil) }, "Loaded was given nil"},
		"unique without holders": {func(n *node) serializer.Spec { return serializer.Field(&n.Name).Unique(serializer.HoldersOf[string]{}) }, "serializer.Holders"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, c.say) || !strings.Contains(said, "serializer.New for serializer_test.node") {
					t.Errorf("it said: %s", said)
				}
			}()
			serializer.New(func(n *node) serializer.Fields { return serializer.Fields{c.declare(n)} })
			t.Error("it was taken")
		})
	}
}

func takenKeys(context.Context, []string) (map[string]string, error) { return nil, nil }

func TestNamesTwiceAndNoFieldsPanic(t *testing.T) {
	t.Parallel()
	for say, declare := range map[string]func(n *node) serializer.Fields{
		`"name": is declared twice`: func(n *node) serializer.Fields {
			return serializer.Fields{serializer.Field(&n.Name), serializer.Field(&n.Size).As("name")}
		},
		`field "name" writes the same Go field; make one of them ReadOnly`: func(n *node) serializer.Fields {
			return serializer.Fields{serializer.Field(&n.Name), serializer.Field(&n.Name).As("other")}
		},
		"no fields are declared": func(*node) serializer.Fields { return nil },
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, say) {
					t.Errorf("it said: %s", said)
				}
			}()
			serializer.New(declare)
			t.Errorf("no panic: %s", say)
		}()
	}
}

type base struct {
	ID   int64     `json:"id"`
	Made time.Time `json:"made"`
}

type article struct {
	base
	Title  string
	author *struct{ Name string } // unexported, and a pointer: the package's own code may declare it
}

func baseFields(b *base) serializer.Fields {
	return serializer.Fields{serializer.Field(&b.ID).ReadOnly(), serializer.Field(&b.Made).ReadOnly()}
}

// Lists of fields compose, and fields of embedded and unexported structs are reached.
func TestDeclarationsCompose(t *testing.T) {
	t.Parallel()
	articles := serializer.New(func(a *article) serializer.Fields {
		return append(baseFields(&a.base),
			serializer.Field(&a.Title).Regexp(regexp.MustCompile("^[A-Z]")),
			serializer.Field(&a.author.Name).As("author").Optional(),
		)
	}).With(serializer.Config{Name: "Article"})
	a, err := articles.Decode(t.Context(), []byte(`{"Title":"T","author":"Ann","id":4}`))
	if err != nil || a.author.Name != "Ann" || a.ID != 0 {
		t.Fatalf("%+v %v", a, err)
	}
	text, err := articles.Append(t.Context(), nil, &a)
	if err != nil || string(text) != `{"id":0,"made":"0001-01-01T00:00:00Z","Title":"T","author":"Ann"}` {
		t.Errorf("%s %v", text, err)
	}
	a.author = nil
	if text, err = articles.Append(t.Context(), nil, &a); err != nil || !strings.Contains(string(text), `"author":null`) {
		t.Errorf("%s %v", text, err)
	}
	if articles.SchemaName() != "Article" || articles.Tiny().SchemaName() != "Article" {
		t.Error(articles.SchemaName())
	}
}
