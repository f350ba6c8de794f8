package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

func TestPointInTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"2026-01-31":                "2026-01-31T00:00:00Z",
		"2026-01-31 10:00:00":       "2026-01-31T10:00:00Z",
		"2026-01-31T10:00:00.5Z":    "2026-01-31T10:00:00.5Z",
		"2026-01-31T10:00:00+02:00": "2026-01-31T08:00:00Z",
		"90m":                       "2026-03-31T10:30:00Z",
		"31d":                       "2026-02-28T12:00:00Z",
		"0d":                        "2026-03-31T12:00:00Z",
	} {
		if got, err := pointInTime(text, now); err != nil || got.UTC().Format(time.RFC3339Nano) != want {
			t.Errorf("%s: got %v, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"", "d", "-1d", "-5m", "1w", "tomorrow", "2026-13-01"} {
		if got, err := pointInTime(text, now); err == nil {
			t.Errorf("%s: got %v", text, got)
		}
	}
}

func TestKeyFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		given []string
		want  string
	}{
		{[]string{"7"}, `["7"]`},
		{[]string{"a", "b"}, `["a" "b"]`},
		{[]string{`["a", 1, 1.5, 99999999999999999999, true]`}, `["a" '\x01' "1.5" "99999999999999999999" %!q(bool=true)]`},
		{[]string{""}, `[""]`},
	} {
		var k keyFlag
		for _, text := range c.given {
			if err := k.Set(text); err != nil {
				t.Errorf("%q: %v", text, err)
			}
		}
		if got := fmt.Sprintf("%q", k.parts); got != c.want {
			t.Errorf("%q: got %s, want %s", c.given, got, c.want)
		}
	}
	for _, text := range []string{"[", "[]", "[1] 2", "[1,]"} {
		if (&keyFlag{}).Set(text) == nil {
			t.Errorf("%s is taken", text)
		}
	}
}

func TestVersionsFollowOneAnother(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 11, 0, 0, 0, time.FixedZone("", 3600))
	for want, there := range map[string][]string{
		"20261124100000": nil,
		"20261124100001": {"20261124100000_x.sql"},                        // of this very second
		"20261124100100": {"20261124100099_x.up.sql", "20200101000000_y"}, // somebody's clock is fast
		"00006":          {"00004_a.sql", "00005_b.go"},
		"10":             {"1_a.up.sql", "9_b.up.sql", "9_b.down.sql"},
		"3":              {"2.sql", "readme.md", "x_9.sql"},
	} {
		dir := t.TempDir()
		for _, name := range there {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got, _, err := (migration{dir: dir, now: now}).version(); err != nil || got != want {
			t.Errorf("beside %q: %s, %v; want %s", there, got, err, want)
		}
	}
}

func TestAtlasSumIsNotCoveredUp(t *testing.T) {
	t.Parallel()
	m := migration{dir: filepath.Join(t.TempDir(), "[odd]"), format: "atlas", name: "x", now: time.Now()}
	s := newScript([]string{"a"}, softdelete.Plan{Up: []string{"SELECT 1"}, Down: []string{"SELECT 2"}}, false)
	paths, fresh, err := m.write(s)
	if err != nil || !fresh || len(paths) != 3 {
		t.Fatal(paths, fresh, err)
	}
	if again, fresh, err := m.write(s); err != nil || fresh || again[0] != paths[0] {
		t.Errorf("again: %v %v %v", again, fresh, err)
	}
	if err := os.WriteFile(paths[0], []byte("SELECT 3"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.write(s); err == nil || !strings.Contains(err.Error(), "does not fit the files") {
		t.Errorf("a changed file: %v", err)
	}
	if err := os.Remove(paths[2]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := m.write(s); err == nil || !strings.Contains(err.Error(), "run atlas migrate hash first") {
		t.Errorf("no atlas.sum: %v", err)
	}
	if files, err := filepath.Glob(filepath.Join(filepath.Dir(m.dir), "*", "*.sql")); err != nil || len(files) != 1 {
		t.Errorf("there is %q, %v", files, err)
	}
}

// A name must not become an annotation of a migration tool, nor end a comment.
func TestNamesInCommentsAreHarmless(t *testing.T) {
	t.Parallel()
	name := "x\n-- +goose Down\nDROP TABLE y; -- atlas:delimiter \\n"
	s := newScript([]string{name}, softdelete.Plan{Drifts: []softdelete.Drift{{Table: name, Kind: softdelete.MissingTwin}}, Up: []string{"SELECT 1"}}, false)
	for line := range strings.Lines(s.goose()) {
		if !strings.HasPrefix(line, "--") && line != "SELECT 1;\n" && line != "\n" {
			t.Errorf("a line of its own: %s", line)
		}
	}
	if n := strings.Count(s.goose(), "+goose Down"); n != 1 {
		t.Errorf("%d annotations", n)
	}
	if strings.Contains(s.transaction(), "atlas:") {
		t.Error("a directive")
	}
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	ref := func(table string, key ...any) softdelete.Ref { return softdelete.Ref{Table: table, Key: key} }
	back := softdelete.Restored{
		Rows:        []softdelete.Ref{ref("departments", int64(1)), ref("people", "a<b", []byte{0})},
		Relinked:    []softdelete.Ref{ref("notes", int64(2))},
		Overwritten: []softdelete.Ref{ref("people", int64(9))},
		Skipped:     []softdelete.Skipped{{Ref: ref("people", int64(3)), Err: errors.New("taken")}},
	}
	print := func(o outcome) string {
		var out strings.Builder
		o.softDeleteCommand = &softDeleteCommand{stdout: &out}
		if err := o.restored(back); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	want := `restored departments [1]
restored people ["a<b","\\x00"]
relinked notes [2]
overwritten people [9]
skipped people [3]: taken
restored: 1 of departments, 1 of people; relinked 1, overwritten 1, skipped 1
`
	if got := print(outcome{terminal: true}); got != want {
		t.Errorf("on a terminal:\n%s", got)
	}
	if got := print(outcome{dryRun: true}); !strings.HasPrefix(got, `{"outcome":"would be restored","table":"departments","key":[1]}`+"\n") ||
		!strings.HasSuffix(got, `{"outcome":"would be skipped","table":"people","key":[3],"error":"taken"}`+"\n"+`{"overwritten":1,"relinked":1,"skipped":1,"would_restore":2}`+"\n") {
		t.Errorf("elsewhere:\n%s", got)
	}
	for n := range manyRows {
		back.Rows = append(back.Rows, ref("people", int64(n)))
	}
	if got := print(outcome{terminal: true, dryRun: true}); strings.Contains(got, "would be restored people") || !strings.Contains(got, "would be restored: 1 of departments, 101 of people") {
		t.Errorf("of many rows:\n%s", got)
	}
}

// What check finds, -allow knows.
func TestAllowKnowsEveryKind(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../softdelete/drift.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, match := range regexp.MustCompile(`(?m)^\t\w+ +Kind = "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
		found++
		if !slices.Contains(kinds, softdelete.Kind(match[1])) {
			t.Errorf("not %q", match[1])
		}
	}
	if found < len(kinds) {
		t.Errorf("drift.go has %d kinds, -allow %d", found, len(kinds))
	}
}
