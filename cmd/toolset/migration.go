package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

var migrationFormats = []string{"goose", "golang-migrate", "atlas"}

// A script is a plan with the comment that explains it.
type script struct {
	about []string
	up    []string
	down  []string
}

func newScript(tables []string, plan softdelete.Plan, sqlite bool) script {
	s := script{up: plan.Up, down: plan.Down}
	say := func(format string, args ...any) {
		s.about = append(s.about, strings.NewReplacer("\n", " ", "\r", " ", "+goose", "+ goose", "atlas:", "atlas :").Replace(fmt.Sprintf(format, args...)))
	}
	say("Soft delete of %s, by toolset softdelete sync. What is missing:", strings.Join(tables, ", "))
	shared := 0
	for _, d := range plan.Drifts {
		if d.Table == "" {
			shared++
		}
	}
	if shared > 0 {
		say("  %d objects of schema deleted that all tables share", shared)
	}
	for _, d := range plan.Drifts {
		if d.Table != "" {
			say("  %s", d)
		}
	}
	say("It belongs into one transaction.")
	if sqlite {
		say("It takes the right to write. The way back drops the triggers of the tables; twins stay, with what was deleted.")
		return s
	}
	say("Locks: all are taken at the beginning, for a moment where twins hold few rows. Triggers take SHARE ROW EXCLUSIVE, which lets")
	say("reads go on, columns and twins to adopt ACCESS EXCLUSIVE. No lock is waited for while another is held; after lock_timeout it")
	say("fails, nothing has changed, and it may run again.")
	say("The way back destroys no data: a twin that holds deleted rows stays, with the triggers that restore them, and so does a column")
	say("that holds values. Adopted twins stay as they are.")
	return s
}

// header is the comment on top of a file.
func (s script) header() string {
	return "-- " + strings.Join(s.about, "\n-- ") + "\n"
}

func statements(all []string) string {
	var b strings.Builder
	for _, statement := range all {
		b.WriteString("\n" + statement + ";\n")
	}
	return b.String()
}

// transaction is for psql and sqlite3.
func (s script) transaction() string {
	return s.header() + "\nBEGIN;\n" + statements(s.up) + "\nCOMMIT;\n"
}

// goose sends what stands between StatementBegin and StatementEnd as one statement; without, it splits functions.
func (s script) goose() string {
	var b strings.Builder
	b.WriteString(s.header())
	for _, way := range []struct {
		name string
		all  []string
	}{{"Up", s.up}, {"Down", s.down}} {
		b.WriteString("\n-- +goose " + way.name + "\n")
		for _, statement := range way.all {
			b.WriteString("-- +goose StatementBegin\n" + statement + ";\n-- +goose StatementEnd\n")
		}
	}
	return b.String()
}

// annotation is a line that goose would take for its own, from a name with a line break.
var annotation = regexp.MustCompile(`(?m)^\s*--\s*\+goose.*`)

// A migration is where a script goes.
type migration struct {
	dir, format, name string
	now               time.Time
}

type migrationFile struct {
	path, text string
}

// files are those of the format, the one that goes up first.
func (m migration) files(version string, s script) []migrationFile {
	name := filepath.Join(m.dir, version+"_"+m.name)
	up, down := s.header()+statements(s.up), s.header()+statements(s.down)
	switch m.format {
	case "goose":
		return []migrationFile{{name + ".sql", s.goose()}}
	case "golang-migrate":
		return []migrationFile{{name + ".up.sql", up}, {name + ".down.sql", down}}
	default: // atlas has no way back in files: it does not look into folders
		return []migrationFile{{name + ".sql", up}, {filepath.Join(m.dir, "down", version+"_"+m.name+".sql"), down}}
	}
}

// write makes the files, and says whether it has: a migration with the same statements may be there.
func (m migration) write(s script) (paths []string, fresh bool, err error) {
	if m.format == "goose" {
		if line := annotation.FindString(strings.Join(slices.Concat(s.up, s.down), "\n")); line != "" {
			return nil, false, fmt.Errorf("a name holds the line %q, which goose takes for an annotation: rename the table or column, or use another format", line)
		}
	}
	if err := os.MkdirAll(m.dir, 0o755); err != nil {
		return nil, false, err
	}
	version, versions, err := m.version()
	if err != nil {
		return nil, false, err
	}
	for _, v := range versions {
		first := m.files(v, s)[0]
		if had, err := os.ReadFile(first.path); err == nil && string(had) == first.text {
			return []string{first.path}, false, nil
		}
	}
	var sum *atlasSum
	if m.format == "atlas" {
		if sum, err = readAtlasSum(m.dir); err != nil {
			return nil, false, err
		}
	}
	for _, f := range m.files(version, s) {
		if err := create(f); err != nil {
			return nil, false, err
		}
		paths = append(paths, f.path)
	}
	if sum != nil {
		if err := sum.write(); err != nil {
			return nil, false, err
		}
		paths = append(paths, sum.path)
	}
	return paths, true, nil
}

func create(f migrationFile) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(f.text)
	return errors.Join(err, file.Close())
}

var versionPattern = regexp.MustCompile(`^([0-9]+)(_.*)?\.(sql|go)$`)

// timestamp is how goose, golang-migrate and atlas write versions, in UTC.
const timestamp = "20060102150405"

// version comes behind those that are there: a timestamp, or the next number where migrations are numbered.
func (m migration) version() (next string, versions []string, err error) {
	entries, err := os.ReadDir(m.dir)
	if err != nil {
		return "", nil, err
	}
	var last uint64
	width := len(timestamp)
	for _, e := range entries {
		match := versionPattern.FindStringSubmatch(e.Name())
		if match == nil {
			continue
		}
		versions = append(versions, match[1])
		n, err := strconv.ParseUint(match[1], 10, 64)
		if err != nil {
			return "", nil, fmt.Errorf("%s has a version that is too long", filepath.Join(m.dir, e.Name()))
		}
		if n >= last {
			last, width = n, len(match[1])
		}
	}
	now, err := strconv.ParseUint(m.now.UTC().Format(timestamp), 10, 64)
	if err != nil {
		return "", nil, err
	}
	switch {
	case width >= len(timestamp) && last < now:
		return strconv.FormatUint(now, 10), versions, nil
	default:
		return fmt.Sprintf("%0*d", width, last+1), versions, nil
	}
}
