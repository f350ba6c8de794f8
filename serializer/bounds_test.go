package serializer_test

import (
	"errors"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type bag struct {
	Things []lot    `json:"things"`
	Flat   []string `json:"flat"`
}

// lot is large, and {} is a whole one.
type lot struct {
	Name  string `json:"name"`
	Bulk  [4096]byte
	Other []lot2 `json:"other"`
}

type lot2 struct {
	Name string `json:"name"`
	Bulk [4096]byte
}

func newBags(most int) *serializer.Of[bag] {
	inner := serializer.New(func(l *lot2) serializer.Fields { return serializer.Fields{serializer.Field(&l.Name).Optional()} })
	lots := serializer.New(func(l *lot) serializer.Fields {
		return serializer.Fields{serializer.Field(&l.Name).Optional(), serializer.Many(&l.Other, inner).Optional()}
	})
	return serializer.New(func(b *bag) serializer.Fields {
		things := serializer.Many(&b.Things, lots).Optional()
		if most > 0 {
			things.MaxLength(most)
		}
		return serializer.Fields{things, serializer.Field(&b.Flat).MaxLength(3).Optional()}
	})
}

func repeated(element string, n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat(element+",", n), ",") + "]"
}

// A list that is too long costs no memory for what is beyond its limit.
func TestLongListsAreCountedNotKept(t *testing.T) { //nolint:paralleltest // allocations are counted for the whole process
	bags := newBags(10)
	input := []byte(`{"things":` + repeated("{}", 500_000) + `}`)
	var err error
	bytes := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_, err = bags.Decode(b.Context(), input)
		}
	}).AllocedBytesPerOp()
	if err == nil || err.Error() != `invalid input: things.non_field_errors: Ensure this field has no more than 10 elements.` {
		t.Error(err)
	}
	if bytes > 4<<20 {
		t.Errorf("%d bytes for a list of ten", bytes)
	}
}

// Without a limit of its own a list has that of the whole input.
func TestObjectsOfAnInputAreBounded(t *testing.T) {
	t.Parallel()
	bags := newBags(0).With(serializer.Config{MaxItems: 5})
	for input, want := range map[string]string{
		`{"things":` + repeated("{}", 5) + `}`:                                         "",
		`{"things":` + repeated("{}", 6) + `}`:                                         "invalid input: things.non_field_errors: Ensure that there are no more than 5 objects in all.",
		`{"things":[{"other":` + repeated("{}", 4) + `}]}`:                             "",
		`{"things":[{"other":` + repeated("{}", 5) + `}]}`:                             "invalid input: things.0.other.non_field_errors: Ensure that there are no more than 5 objects in all.",
		`{"things":[{"other":` + repeated("{}", 4) + `},{"name":5}]}`:                  "invalid input: things.non_field_errors: Ensure that there are no more than 5 objects in all.",
		`{"things":[{"name":[]},{"other":` + repeated("{}", 2) + `},{"other":[]},{}]}`: "invalid input: things.non_field_errors: Ensure that there are no more than 5 objects in all.",
		`{"flat":["a","b","c","d"],"things":[]}`:                                       "invalid input: flat: Ensure this field has no more than 3 elements.",
	} {
		_, err := bags.Decode(t.Context(), []byte(input))
		if got := said(err); got != want {
			t.Errorf("%s:\n got %s\nwant %s", input, got, want)
		}
	}
	if _, err := bags.DecodeList(t.Context(), []byte(repeated("{}", 6))); !errors.Is(err, serializer.ErrInvalid) {
		t.Error(err)
	}
}

// Objects behind pointers cost memory as those in lists do.
func TestObjectsBehindPointersAreBounded(t *testing.T) {
	t.Parallel()
	type pair struct {
		Left  *lot `json:"left"`
		Right *lot `json:"right"`
	}
	lots := serializer.New(func(l *lot) serializer.Fields { return serializer.Fields{serializer.Field(&l.Name).Optional()} })
	pairs := serializer.New(func(p *pair) serializer.Fields {
		return serializer.Fields{serializer.Nested(&p.Left, lots).Optional(), serializer.Nested(&p.Right, lots).Optional()}
	}).With(serializer.Config{MaxItems: 3})
	const tooMany = "Ensure that there are no more than 3 objects in all."
	for input, want := range map[string]string{
		`[{"left":{}},{"left":null}]`:                            "",
		`[{"left":{},"right":{}}]`:                               "",
		`[{"left":{},"left":{},"left":{},"left":{},"right":{}}]`: "", // those that count
		`[{"left":{}},{"right":{}}]`:                             "invalid input: 1.right: " + tooMany,
		`[{"left":{},"right":{}},{}]`:                            "invalid input: non_field_errors: " + tooMany,
		`[{"left":5,"right":5}, {"left":{}}]`:                    `invalid input: 0.left.non_field_errors: Invalid data. Expected a dictionary, but got int.; 0.right.non_field_errors: Invalid data. Expected a dictionary, but got int.`,
	} {
		if _, err := pairs.DecodeList(t.Context(), []byte(input)); said(err) != want {
			t.Errorf("%s:\n got %s\nwant %s", input, said(err), want)
		}
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
