package serializer_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// Keys cost memory, and a lookup, as objects do.
func TestKeysCountAsObjects(t *testing.T) {
	t.Parallel()
	type team struct {
		Members []int64 `json:"members"`
	}
	teams := serializer.New(func(m *team) serializer.Fields {
		return serializer.Fields{serializer.Related(&m.Members, spots, func(_ context.Context, keys []int64) (map[int64]spot, error) {
			found := map[int64]spot{}
			for _, k := range keys {
				found[k] = spot{}
			}
			return found, nil
		})}
	}).With(serializer.Config{MaxItems: 3})
	if _, err := teams.Decode(t.Context(), []byte(`{"members":[1,2,3]}`)); err != nil {
		t.Error(err)
	}
	if _, err := teams.Decode(t.Context(), []byte(`{"members":[1,2,3,4,5]}`)); err == nil {
		t.Error("five keys were accepted")
	}
}

// What is refused for its length is not looked up, and costs no memory beyond it.
func TestListsOfKeysOfTheWrongLengthAreNotLookedUp(t *testing.T) {
	t.Parallel()
	type team struct {
		Members []int64 `json:"members"`
		Head    int64   `json:"head"`
	}
	var asked []int64
	lookup := func(_ context.Context, keys []int64) (map[int64]spot, error) {
		asked = append(asked, keys...)
		return map[int64]spot{1: {}, 2: {}, 3: {}}, nil
	}
	teams := serializer.New(func(m *team) serializer.Fields {
		return serializer.Fields{
			serializer.Related(&m.Members, spots, lookup).MinLength(2).MaxLength(3),
			serializer.Related(&m.Head, spots, lookup),
		}
	})
	few := teams.With(serializer.Config{MaxItems: 2})
	for _, c := range []struct {
		teams         *serializer.Of[team]
		members, want string
		asked         []int64
	}{
		{teams, `[1,2,3]`, "", []int64{1, 2, 3, 1}},
		{teams, `[4,5,6,7]`, "invalid input: members: Ensure this field has no more than 3 elements.", []int64{1}},
		{teams, `[4,5,6,"x",{}]`, "invalid input: members: Ensure this field has no more than 3 elements.", []int64{1}},
		{teams, `[4,"x",6,7,8]`, "invalid input: members: Ensure this field has no more than 3 elements.", []int64{1}},
		{teams, `[4]`, "invalid input: members: Ensure this field has at least 2 elements.", []int64{1}},
		{teams, `[]`, "invalid input: members: Ensure this field has at least 2 elements.", []int64{1}},
		{teams, `[4,5,6,7],"members":[1,2]`, "", []int64{1, 2, 1}},
		{teams, `[1,2,3],"members":[4]`, "invalid input: members: Ensure this field has at least 2 elements.", []int64{1}},
		{few, `[1,2,3]`, "invalid input: members: Ensure that there are no more than 2 objects in all.", []int64{1}},
	} {
		asked = nil
		_, err := c.teams.Decode(t.Context(), []byte(`{"members":`+c.members+`,"head":1}`))
		if said(err) != c.want || !slices.Equal(asked, c.asked) {
			t.Errorf("%s: %q after asking for %v", c.members, said(err), asked)
		}
		if err != nil && !errors.Is(err, serializer.ErrInvalid) {
			t.Error(err)
		}
	}
}

// A key is a number, and not what a processor makes of it: beyond a type there is nothing, and floats stand for what they are exactly.
func TestKeysNearTheEndOfTheirType(t *testing.T) {
	t.Parallel()
	type both struct {
		Signed   int64  `json:"signed"`
		Unsigned uint64 `json:"unsigned"`
		Small    int8   `json:"small"`
	}
	signed, unsigned, small := []int64{0, 1<<63 - 1, -1 << 63, -1 << 62, 9223372036854774784}, []uint64{0, 1 << 63, 1<<64 - 1, 18446744073709549568}, []int8{-128, 0, 127}
	s := serializer.New(func(b *both) serializer.Fields {
		return serializer.Fields{
			serializer.Related(&b.Signed, rows, rowsByKey(signed...)).Optional(),
			serializer.Related(&b.Unsigned, rows, rowsByKey(unsigned...)).Optional(),
			serializer.Related(&b.Small, rows, rowsByKey(small...)).Optional(),
		}
	})
	none := func(key string) string { return `Invalid pk "` + key + `" - object does not exist.` }
	for input, want := range map[string]string{
		`"signed":9.223372036854775807e18`:   none("9.223372036854776e+18"), // the float is 2^63
		`"signed":9.2233720368547758e18`:     none("9.223372036854776e+18"),
		`"signed":9223372036854774784.0`:     "", // the float below
		`"signed":-9223372036854775808.0`:    "",
		`"signed":-9.223372036854777e18`:     none("-9.223372036854778e+18"),
		`"signed":9223372036854775807`:       "",
		`"signed":9223372036854775808`:       none("9223372036854775808"),
		`"signed":1e300`:                     none("1e+300"),
		`"signed":1e400`:                     "Incorrect type. Expected pk value, received float.",
		`"signed":-0.0`:                      "",
		`"signed":"-0"`:                      "",
		`"unsigned":9223372036854775808.0`:   "",
		`"unsigned":18446744073709551615`:    "",
		`"unsigned":1.8446744073709552e19`:   none("1.8446744073709552e+19"), // 2^64
		`"unsigned":1844674407370954956.8e1`: "",
		`"unsigned":-0`:                      "",
		`"unsigned":-0.0`:                    "",
		`"unsigned":-1.0`:                    none("-1.0"),
		`"unsigned":1.5`:                     "Incorrect type. Expected pk value, received float.",
		`"small":-1.28e2`:                    "",
		`"small":128.0`:                      none("128.0"),
		`"small":4294967296.0`:               none("4294967296.0"),
	} {
		_, err := s.Decode(t.Context(), []byte(`{`+input+`}`))
		if _, got, _ := strings.Cut(strings.TrimPrefix(said(err), "invalid input: "), ": "); got != want {
			t.Errorf("%s: %q", input, got)
		}
	}
}

// A map costs what it holds, and nothing beside it that grows with its keys.
func TestAMapCostsWhatItHolds(t *testing.T) { //nolint:paralleltest // memory is counted for the whole process
	type stock struct {
		Count map[string]int `json:"count"`
	}
	stocks := serializer.New(func(s *stock) serializer.Fields {
		return serializer.Fields{serializer.Dict(&s.Count, serializer.Item[int]().Check(probe))}
	})
	var body strings.Builder
	body.WriteString(`{"count":{`)
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&body, `"%06d":0,`, i)
	}
	body.WriteString(`"last":1}}`)
	input := []byte(body.String())
	plain := func() uint64 {
		runtime.GC()
		before := heap()
		made := map[string]int{}
		for i := range n {
			made[fmt.Sprintf("%06d", i)] = 0
		}
		runtime.GC()
		defer runtime.KeepAlive(made)
		return heap() - before
	}()
	runtime.GC()
	before := heap()
	highest = 0
	if _, err := stocks.Decode(t.Context(), input); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes for a body of %d; a map of as many keys takes %d", highest-before, len(input), plain)
	if highest > before+plain*5/4 {
		t.Errorf("%d bytes were in use for a map that takes %d", highest-before, plain)
	}
}
