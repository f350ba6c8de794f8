package match

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

func TestPredicatesOnJSON(t *testing.T) {
	t.Parallel()
	raw := func(text string) json.RawMessage { return json.RawMessage(text) }
	text := raw(`"abc"`)
	for name, tt := range map[string]struct {
		got     any
		want    Predicate
		matches bool
	}{
		"items":                {raw(`[1, 2]`), Len(2), true},
		"not bytes":            {raw(`[1, 2]`), Len(6), false},
		"members":              {raw(`{"a": 1}`), Len(1), true},
		"text":                 {raw(`"abc"`), Len(3), true},
		"a number has no size": {raw(`5`), Len(1), false},
		"null has none":        {raw(`null`), Len(4), false},
		"broken":               {raw(`[1`), Len(2), false},
		"empty":                {raw(``), Len(0), false},
		"behind a pointer":     {&text, Regexp("^abc$"), true},
		"other text":           {text, Regexp("^b"), false},
		"no text":              {raw(`5`), Regexp("5"), false},
		"number":               {raw(`5.5`), Within(5, 1), true},
		"far":                  {raw(`7`), Within(5, 1), false},
		"as it is":             {raw(`5`), That("raw", func(m json.RawMessage) bool { return len(m) == 1 }), true},
		"decoded":              {raw(`[true]`), That("list", func(l []any) bool { return len(l) == 1 }), true},
		"exact":                {json.Number("9007199254740993"), Within(9007199254740992, 0), false},
		"exactly":              {json.Number("9007199254740993"), Within(9007199254740992, 1), true},
		"exact center":         {int64(9007199254740993), Within(json.Number("9007199254740992"), 0), false},
		"number as a float":    {json.Number("1e2"), Within(100, 0), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if report := Diff(Has{"v": tt.got}, Has{"v": tt.want}); (report == "") != tt.matches {
				t.Errorf("matches: %v, want %v\n%s", report == "", tt.matches, report)
			}
		})
	}
}

// What can be read only once does not match here and there depending on who looked first.
func TestReaderUnderAPattern(t *testing.T) {
	t.Parallel()
	got := strings.NewReader(`{"a": 1}`)
	if report := Diff(got, json.RawMessage(`{"a": 2}`)); !strings.Contains(report, "*strings.Reader, which can be read only once") {
		t.Error(report)
	}
	if got.Len() == 0 {
		t.Error("it was read")
	}
}

func TestFloatsOfTwoSizes(t *testing.T) {
	t.Parallel()
	minus := math.Copysign(0, -1)
	for _, tt := range []struct {
		a       float32
		b       float64
		matches bool
	}{
		{0.1, 0.1, true}, {0.1, float64(float32(0.1)), true}, {0.1, 0.1000001, false}, {float32(minus), 0, true},
		{16777216, 16777217, false},
	} {
		if Diff(tt.a, tt.b) == "" != tt.matches || Diff(tt.b, tt.a) == "" != tt.matches {
			t.Errorf("float32 %v and %v: want %v", tt.a, tt.b, tt.matches)
		}
	}
}

// The members of a large object are looked up, not searched for, in whatever order they are.
func TestManyMembersInAnyOrder(t *testing.T) {
	t.Parallel()
	const n = 20_000
	members := make([]string, n)
	for i := range members {
		members[i] = fmt.Sprintf(`"k%05d": %d`, i, i)
	}
	got := "{" + strings.Join(members, ",") + "}"
	slices.Reverse(members)
	pattern := "{" + strings.Join(members, ",") + "}"
	if report := diff(got, pattern); report != "" {
		t.Error(report)
	}
	if diff(got, strings.Replace(pattern, ": 77,", ": 78,", 1)) == "" {
		t.Error("a difference is not seen")
	}
	m := jsonMatch{}
	m.got, _ = parse(got, false)
	var index map[string]int32
	if at := m.member(0, "k19999", &index); m.got.nodes[at].text != "19999" || len(index) != n {
		t.Errorf("found %d, with an index of %d", at, len(index))
	}
}
