package match

import (
	"fmt"
	"strings"
	"testing"
)

func diff(got, pattern string) string {
	if d := diffJSON(got, pattern, options{}); d != nil {
		return d.report(palette{})
	}
	return ""
}

func TestJSONVerdicts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		got, pattern string
		want         bool
	}{
		{`1`, `1`, true}, {`1`, `2`, false}, {`1`, `1.0`, true}, {`100`, `1e2`, true}, {`0.1`, `1e-1`, true}, {`-0`, `0`, true},
		{`-1`, `1`, false}, {`10`, `1`, false}, {`0.30000000000000004`, `0.3`, false},
		{`9007199254740993`, `9007199254740992`, false}, {`9007199254740993.0`, `9007199254740993`, true},
		{`1e400`, `1e401`, false}, {`1e400`, `10e399`, true}, {`1e99999999999999999999`, `1e99999999999999999999`, true},
		{`0e99999999999999999999`, `0`, true}, {`1e18446744073709551617`, `10`, false}, {`1e18446744073709551617`, `1`, false}, {`1`, `1e18446744073709551617`, false}, {`1e000000000000000000001`, `10`, true},
		{`true`, `true`, true}, {`true`, `false`, false}, {`true`, `1`, false}, {`1`, `true`, false}, {`"1"`, `1`, false},
		{`null`, `null`, true}, {`null`, `0`, false}, {`null`, `""`, false}, {`null`, `[]`, false}, {`null`, `{}`, false},
		{`"a"`, `"a"`, true}, {`"a"`, `"\u0061"`, true}, {`"\ud83d\ude00"`, `"😀"`, true}, {`"\/"`, `"/"`, true},
		{`"\ud800"`, `"\ud800"`, true}, {`"\ud800"`, `"\ud801"`, false}, {`"\ud800\u0041"`, `"\ud800A"`, true}, {`"..."`, `"..."`, true}, {`"x"`, `"..."`, false},
		{`5`, `...`, false}, {`5`, ``, false}, {`{}`, `{}`, true}, {`{"a":1}`, `{}`, false}, {`[]`, `[]`, true}, {`[1]`, `[]`, false}, {`[]`, `[1]`, false},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, true}, {`{"a":1,"b":2}`, `{"a":1,...}`, true}, {`{"a":1,"b":2}`, `{...,"b":2}`, true},
		{`{"a":1}`, `{"a":1,...}`, true}, {`{"b":1}`, `{"a":...,...}`, false}, {`{"a":null}`, `{"a":...}`, true}, {`{}`, `{"a":null}`, false}, {`{"a":null}`, `{}`, false},
		{`{"a":1,"b":2}`, `{"a":1,...:2}`, true}, {`{"a":1,"b":2}`, `{"a":1,...:3}`, false}, {`{"a":1}`, `{"a":1,...:1}`, false},
		{`{"a":1,"b":2,"c":2}`, `{"a":1,...:2}`, false}, {`{"a":1,"b":2,"c":2}`, `{"a":1,...:...}`, true}, {`{"a":1,"b":{"c":1}}`, `{"a":1,...:{"c":1}}`, true},
		{`[1,2,3,2,4]`, `[...,2,4]`, true}, {`[1,2,3,2,4]`, `[...,2,...,2,...]`, true}, {`[1,2,3]`, `[...,2,...,2,...]`, false},
		{`[]`, `[...]`, true}, {`[1]`, `[1,...]`, true}, {`[]`, `[1,...]`, false}, {`[1,2]`, `[1,...,1]`, false}, {`[1]`, `[1,...,1]`, false}, {`[1,1]`, `[1,...,1]`, true},
		{`[1,2,3,4]`, `[1,...,...,4]`, true}, {`[1,2,1,3]`, `[...,1,3,...]`, true}, {`{}`, `[...]`, false}, {`[[1,2],[3]]`, `[...,[3,...]]`, true},
		{`{"a":[{"b":[1,2,{"c":5,"d":6}]}]}`, `{"a":[{"b":[...,{"c":5,...}]}]}`, true},
	} {
		if got := diff(tt.got, tt.pattern); (got == "") != tt.want {
			t.Errorf("%s against %s: %v, want %v\n%s", tt.got, tt.pattern, got == "", tt.want, got)
		}
	}
}

// Objects with many members, in another order than in the pattern, are looked up by an index.
func TestJSONManyMembers(t *testing.T) {
	t.Parallel()
	var members, reversed []string
	for i := range 100 {
		members = append(members, fmt.Sprintf(`"k%d": %d`, i, i))
		reversed = append(reversed, fmt.Sprintf(`"k%d": %d`, 99-i, 99-i))
	}
	object := strings.Join(members, ", ")
	got := `{"o": {` + object + `}, "next": 1}`
	for pattern, want := range map[string]bool{
		`{"o": {` + strings.Join(reversed, ", ") + `}, "next": 1}`:                       true,
		`{"o": {` + strings.Join(reversed[:50], ", ") + `, ...}, ...}`:                   true,
		`{"o": {"k99": 99, "k50": 51, ...}, ...}`:                                        false,
		`{"o": {"k99": 99, "k98": 98, "next": 1, ...}, ...}`:                             false,
		`{"o": {"k99": 99, "none": ..., ...}, ...}`:                                      false,
		`{"o": {"k99": 99, "k0": 0, ...}, "next": 1}`:                                    true,
		`{"o": {` + strings.Join(reversed[1:], ", ") + `, ...: 99}, "next": 1}`:          true,
		`{"o": {` + strings.Join(reversed[1:], ", ") + `, ...: 98}, "next": 1}`:          false,
		`{"o": {` + strings.Join(reversed[1:], ", ") + `}, "next": 1}`:                   false,
		`{"o": {` + strings.Join(reversed, ", ") + `, "k100": 100}, "next": 1}`:          false,
		`{"o": {` + strings.Join(reversed[1:], ", ") + `, "k100": ..., ...}, "next": 1}`: false,
	} {
		if report := diff(got, pattern); (report == "") != want {
			t.Errorf("%.60s: want a match: %v\n%s", pattern, want, report)
		}
	}
}

func TestJSONRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1)
	for _, bad := range []string{
		``, ` `, `{`, `[`, `[1`, `[1,`, `[1,]`, `[1 2]`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `{'a':1}`, `nul`, `True`, `NaN`, `-`, `01`, `1.`, `.5`, `1e`, `+1`, `-Infinity`,
		`"`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"", "\"\xff\"", "\ufeff1", `1 2`, `{} {}`, `[] x`, `{"a":1,"a":1}`, `{"a":1,"\u0061":2}`, `[{"x":{"k":1,"k":1}}]`, `{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"11":1,"12":1,"13":1,"14":1,"15":1,"16":1,"17":1,"1":1}`, "\"a\x00\"", deep,
	} {
		if _, err := parse(bad, false); err == nil {
			t.Errorf("%.40q is read as JSON", bad)
		}
		if _, err := parse(bad, true); err == nil {
			t.Errorf("%.40q is read as a pattern", bad)
		}
	}
	for _, bad := range []string{`...`, `[...]`, `{...}`, `$1`, `{...:1}`} {
		if _, err := parse(bad, false); err == nil {
			t.Errorf("%q is read as JSON", bad)
		}
	}
	for _, bad := range []string{`{...,...}`, `{...,...:1}`, `$`, `$0`, `$a`, `[..]`, `{... 1}`, `{...:}`} {
		if _, err := parse(bad, true); err == nil {
			t.Errorf("%q is read as a pattern", bad)
		}
	}
}
