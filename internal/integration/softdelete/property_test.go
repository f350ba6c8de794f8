package softdelete_test

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// TestRandomSchemas does random things to random tables and compares what is there with a model after each: no row
// lost, none doubled, all values as they were. TOOLSET_SOFTDELETE_FOR (a duration; 3s) says how long it goes on,
// TOOLSET_SOFTDELETE_SEED begins with a seed that has failed.
func TestRandomSchemas(t *testing.T) {
	t.Parallel()
	long := softdeleteFor(t)
	seed := rand.Uint64()
	if text := os.Getenv("TOOLSET_SOFTDELETE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	both(t, func(t *testing.T, db *base) {
		deadline := time.Now().Add(long)
		schemas, steps, fruitful := 0, 0, 0
		for seed := seed; schemas == 0 || time.Now().Before(deadline); seed++ {
			if db.postgres {
				db.do(`DROP SCHEMA IF EXISTS public, deleted CASCADE; CREATE SCHEMA public`)
			} else {
				db = onSQLite(t)
			}
			r := newRandomRun(t, db, seed)
			for range 60 {
				r.step()
				r.compare()
				if t.Failed() {
					t.Fatalf("TOOLSET_SOFTDELETE_SEED=%d; what was done:\n%s", seed, strings.Join(r.log, "\n"))
				}
				steps++
			}
			fruitful += r.restored
			schemas++
			if !db.postgres {
				_ = db.Close()
			}
		}
		t.Logf("seed %d: %d schemas, %d steps, %d rows restored", seed, schemas, steps, fruitful)
		if fruitful == 0 {
			t.Error("nothing was restored")
		}
	})
}

// softdeleteFor is how long tests with random goings-on take.
func softdeleteFor(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("TOOLSET_SOFTDELETE_FOR")
	if text == "" {
		return 3 * time.Second
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return long
}

type randomRun struct {
	*rand.Rand
	t        *testing.T
	db       *base
	model    model
	pending  bool // tables have changed since Install
	uid      int
	restored int
	log      []string
}

func newRandomRun(t *testing.T, db *base, seed uint64) *randomRun {
	r := &randomRun{Rand: rand.New(rand.NewPCG(seed, 1)), t: t, db: &base{TB: t, DB: db.DB, twins: db.twins, postgres: db.postgres}}
	r.tables()
	r.install()
	return r
}

func pick[T any](r *randomRun, all []T) T { return all[r.IntN(len(all))] }

func (r *randomRun) do(statement string) {
	r.t.Helper()
	r.log = append(r.log, statement)
	if err := r.db.try(statement); err != nil {
		r.t.Errorf("%s: %v", statement, err)
	}
}

// try is true where the statement is not refused by a constraint.
func (r *randomRun) try(statement string) bool {
	r.t.Helper()
	r.log = append(r.log, statement)
	err := r.db.try(statement)
	if err != nil && !strings.HasPrefix(stateOf(err), "23") && !strings.Contains(err.Error(), "constraint failed") {
		r.t.Errorf("%s: %v", statement, err)
	}
	return err == nil
}

func (r *randomRun) install() {
	r.t.Helper()
	r.log = append(r.log, "-- install")
	var all []string
	for _, t := range r.model.tables {
		all = append(all, t.name)
	}
	if err := r.db.twins.Install(r.db.ctx(), r.db.DB, all...); err != nil {
		r.t.Errorf("install: %v", err)
	}
	r.pending = false
}

var oddNames = []string{"plain", "Mixed Case", `quo"te`, "it's", "select", "ünïcode", "deleted_x", "a.b", "$1", "%s", "semi;colon", strings.Repeat("long", 13) + "x"}

func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func quotedAll(all []string) string {
	var parts []string
	for _, name := range all {
		parts = append(parts, quoted(name))
	}
	return strings.Join(parts, ", ")
}

func (r *randomRun) types() []string {
	if r.db.postgres {
		return []string{"integer", "text", "numeric(10,2)", "boolean", "timestamptz", "jsonb", "bytea", "integer[]", "uuid", "double precision", "date", "interval", "character(4)"}
	}
	return []string{"INTEGER", "TEXT", "REAL", "BLOB", "BOOLEAN"}
}

// literal makes a value of a type, now and then NULL.
func (r *randomRun) literal(typ string) string {
	if r.IntN(6) == 0 {
		return "NULL"
	}
	n := r.IntN(100000)
	switch strings.ToLower(typ) {
	case "text":
		return "'" + strings.ReplaceAll(pick(r, []string{"", "x", "it''s", `back\slash`, "newline\nhere", "ünïcode ✓", `"{}[]`, "NULL", fmt.Sprint("t", n)}), "''", "''") + "'"
	case "boolean":
		return pick(r, []string{"1 = 1", "1 = 0"})
	case "timestamptz":
		return fmt.Sprintf("timestamptz 'epoch' + %d * interval '1000.001 second'", n)
	case "jsonb":
		return fmt.Sprintf(`'{"n": %d, "a": [1, null, "x"]}'`, n)
	case "bytea":
		return fmt.Sprintf(`'\x%08x'`, n)
	case "blob":
		return fmt.Sprintf(`x'%08x'`, n)
	case "integer[]":
		return fmt.Sprintf("'{%d,NULL}'", n)
	case "uuid":
		return fmt.Sprintf("'00000000-0000-4000-8000-%012d'", n)
	case "double precision", "real":
		return fmt.Sprintf("%d / 7.0", n)
	case "date":
		return fmt.Sprintf("date '2000-01-01' + %d", n%9999)
	case "interval":
		return fmt.Sprintf("interval '%d minutes'", n)
	case "character(4)":
		return fmt.Sprintf("'%d'", n%100)
	}
	return fmt.Sprint(n % 1000)
}

func (r *randomRun) tables() {
	taken := slices.Clone(oddNames)
	r.Shuffle(len(taken), func(i, j int) { taken[i], taken[j] = taken[j], taken[i] })
	for n := range 2 + r.IntN(4) {
		t := &mTable{name: taken[n], parted: r.db.postgres && r.IntN(3) == 0}
		for k := range 1 + r.IntN(2) {
			t.key = append(t.key, mColumn{pick(r, []string{"id", "Key", `k"`}) + fmt.Sprint(k), pick(r, []string{"integer", "text"})})
		}
		for c := range 1 + r.IntN(3) {
			t.others = append(t.others, mColumn{pick(r, oddNames[:11]) + fmt.Sprint(c), pick(r, r.types())})
		}
		r.model.tables = append(r.model.tables, t)
	}
	for n, t := range r.model.tables {
		action := pick(r, []string{"CASCADE", "CASCADE", "SET NULL", "NO ACTION"})
		for l := range r.IntN(3) {
			link := mLink{parent: pick(r, r.model.tables), action: action}
			for k := range link.parent.key {
				link.columns = append(link.columns, fmt.Sprintf("fk%d_%d", l, k))
			}
			t.links = append(t.links, link)
		}
		var defs []string
		for _, k := range t.key {
			defs = append(defs, quoted(k.name)+" "+k.typ+" NOT NULL")
		}
		defs = append(defs, "uid integer")
		for _, c := range t.others {
			defs = append(defs, quoted(c.name)+" "+c.typ)
		}
		var keys []string
		for _, l := range t.links {
			for k, c := range l.columns {
				defs = append(defs, quoted(c)+" "+l.parent.key[k].typ)
			}
			keys = append(keys, fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s", quotedAll(l.columns), quoted(l.parent.name), quotedAll(names(l.parent.key)), l.action))
		}
		defs = append(defs, "PRIMARY KEY ("+quotedAll(names(t.key))+")")
		if !r.db.postgres {
			defs = append(defs, keys...)
		}
		statement := fmt.Sprintf("CREATE TABLE %s (%s)", quoted(t.name), strings.Join(defs, ", "))
		if t.parted {
			statement += " PARTITION BY HASH (" + quoted(t.key[0].name) + ")"
		}
		r.do(statement)
		for part := range 2 {
			if t.parted {
				r.do(fmt.Sprintf("CREATE TABLE part_%d_%d PARTITION OF %s FOR VALUES WITH (MODULUS 2, REMAINDER %[2]d)", n, part, quoted(t.name)))
			}
		}
	}
	if !r.db.postgres {
		return
	}
	for _, t := range r.model.tables { // cycles need all tables
		for _, l := range t.links {
			r.do(fmt.Sprintf("ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s (%s) ON DELETE %s", quoted(t.name), quotedAll(l.columns), quoted(l.parent.name), quotedAll(names(l.parent.key)), l.action))
		}
	}
}

func (r *randomRun) step() {
	t := pick(r, r.model.tables)
	var living, deleted []*mRow
	for _, row := range t.rows {
		if row.deletion == 0 {
			living = append(living, row)
		} else {
			deleted = append(deleted, row)
		}
	}
	switch n := r.IntN(20); {
	case n < 6 || len(living) == 0 && n < 12:
		r.insert(t)
	case n < 11:
		r.delete(t, living)
	case n < 12:
		r.update(t, pick(r, living))
	case n < 17 && len(deleted) > 0:
		r.restore(t, deleted)
	case n < 18 && len(deleted) > 0:
		r.plainRestore(t, pick(r, deleted))
	case n == 18:
		r.change(t)
	case n == 19 && r.pending:
		r.install()
	}
}

func (r *randomRun) insert(t *mTable) {
	r.uid++
	columns, values := []string{"uid"}, []string{fmt.Sprint(r.uid)}
	for _, k := range t.key {
		v := fmt.Sprint(r.IntN(8)) // now and then taken
		if k.typ == "text" {
			v = "'" + pick(r, []string{"a", "B", "ü'", `\`, "x y"}[:3+r.IntN(2)]) + v + "'"
			v = strings.Replace(v, "ü'", "ü''", 1)
		}
		columns, values = append(columns, k.name), append(values, v)
	}
	for _, c := range t.others {
		columns, values = append(columns, c.name), append(values, r.literal(c.typ))
	}
	for _, l := range t.links {
		if len(l.parent.rows) == 0 || r.IntN(5) == 0 {
			continue
		}
		parent := pick(r, l.parent.rows)
		for k, c := range l.columns {
			v := parent.values[l.parent.key[k].name]
			if l.parent.key[k].typ == "text" {
				v = "'" + strings.ReplaceAll(v, "'", "''") + "'"
			}
			columns, values = append(columns, c), append(values, v)
		}
	}
	if !r.try(fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", quoted(t.name), quotedAll(columns), strings.Join(values, ", "))) {
		return
	}
	t.rows = append(t.rows, &mRow{uid: r.uid, table: t, values: r.read(quoted(t.name), t)[r.uid]})
}

func (r *randomRun) update(t *mTable, row *mRow) {
	if len(t.others) == 0 {
		return
	}
	c := pick(r, t.others)
	r.do(fmt.Sprintf("UPDATE %s SET %s = %s WHERE uid = %d", quoted(t.name), quoted(c.name), r.literal(c.typ), row.uid))
	row.values = r.read(quoted(t.name), t)[row.uid]
}

func (r *randomRun) delete(t *mTable, living []*mRow) {
	rows := []*mRow{pick(r, living)}
	from := quoted(t.name)
	switch {
	case !r.db.postgres: // several rows would be several deletions
	case t.parted && r.IntN(2) == 0:
		from = r.db.rows(fmt.Sprintf("SELECT tableoid::regclass FROM %s WHERE uid = %d", from, rows[0].uid))[0]
	case r.IntN(3) == 0:
		rows = living[:1+r.IntN(len(living))]
	}
	var uids []string
	for _, row := range rows {
		uids = append(uids, fmt.Sprint(row.uid))
	}
	before := r.copy()
	done := r.try(fmt.Sprintf("DELETE FROM %s WHERE uid IN (%s)", from, strings.Join(uids, ", ")))
	if want := r.model.delete(rows); want != done {
		r.t.Errorf("deleted: %v, the model says %v", done, want)
	}
	if !done {
		r.model.put(before)
	}
}

func (r *randomRun) restore(t *mTable, deleted []*mRow) {
	row := t.newestDeleted(pick(r, deleted).key())
	rows := []*mRow{row}
	var parts []any
	for _, k := range t.key {
		parts = append(parts, row.values[k.name])
		if n, err := strconv.Atoi(row.values[k.name]); err == nil && k.typ == "integer" {
			parts[len(parts)-1] = n
		}
	}
	which := softdelete.Key(parts...)
	what := fmt.Sprintf("-- restore %q %q", t.name, parts)
	var opts []softdelete.RestoreOption
	cascade := true
	switch r.IntN(4) {
	case 0:
		cascade = false
		opts = append(opts, softdelete.RowOnly())
		what += " row only"
	case 1:
		for found, err := range r.db.twins.List(r.db.ctx(), r.db.DB, t.name, which) {
			if err != nil {
				r.t.Error(err)
				return
			}
			which = softdelete.InDeletion(found.Deletion)
			break
		}
		rows = nil
		for _, other := range t.rows {
			if other.deletion == row.deletion {
				rows = append(rows, other)
			}
		}
		what += fmt.Sprint(" in deletion ", row.deletion)
	}
	r.log = append(r.log, what)
	want := r.model.restore(rows, cascade)
	back, err := r.db.twins.Restore(r.db.ctx(), r.db.DB, t.name, which, opts...)
	var conflict *softdelete.ConflictError
	var gone *softdelete.ParentGoneError
	if err != nil && !errors.As(err, &conflict) && !errors.As(err, &gone) {
		r.t.Errorf("restore: %v", err)
	}
	if (err == nil) != want {
		r.t.Errorf("restored: %v, the model says %v", err, want)
	}
	r.restored += len(back.Rows)
}

func (r *randomRun) plainRestore(t *mTable, row *mRow) {
	if !r.db.postgres && t.newestDeleted(row.key()) != row { // an older deletion of a key stays
		return
	}
	want := r.model.restore([]*mRow{row}, false)
	done := r.try(fmt.Sprintf("UPDATE %s SET deleted_at = NULL WHERE uid = %d", r.twin(t), row.uid))
	if done != want {
		r.t.Errorf("restored: %v, the model says %v", done, want)
	}
}

// change alters a table; deletes go on before the next Install, but on SQLite.
func (r *randomRun) change(t *mTable) {
	alter := "ALTER TABLE " + quoted(t.name) + " "
	n := 0
	if r.db.postgres {
		n = r.IntN(4)
	}
	i := -1
	if len(t.others) > 0 {
		i = r.IntN(len(t.others))
	}
	switch {
	case n == 0:
		c := mColumn{fmt.Sprintf("new %d", r.IntN(1e9)), pick(r, []string{"integer", "text"})}
		r.do(alter + "ADD COLUMN " + quoted(c.name) + " " + c.typ + " DEFAULT '7'")
		t.others = append(t.others, c)
		for _, row := range t.rows { // also those that were deleted before
			row.values[c.name] = "7"
		}
	case n == 1 && i >= 0:
		c := t.others[i]
		r.do(alter + "DROP COLUMN " + quoted(c.name))
		t.others = slices.Delete(slices.Clone(t.others), i, i+1)
		for _, row := range t.rows {
			delete(row.values, c.name)
		}
	case n == 2 && i >= 0:
		c := &t.others[i]
		if c.typ != "integer" {
			return
		}
		c.typ = "text"
		r.do(alter + "ALTER COLUMN " + quoted(c.name) + " TYPE text")
	case n == 3 && i >= 0 && !r.pending:
		c := &t.others[i]
		was := c.name
		c.name = fmt.Sprintf("renamed %d", r.IntN(1e9))
		r.do(alter + "RENAME COLUMN " + quoted(was) + " TO " + quoted(c.name))
		for _, row := range t.rows {
			if v, ok := row.values[was]; ok {
				row.values[c.name] = v
				delete(row.values, was)
			}
		}
		r.install() // until then the twin knows the old name only
		return
	default:
		return
	}
	r.pending = true
	if !r.db.postgres || r.IntN(2) == 0 {
		r.install()
	}
}

func (r *randomRun) twin(t *mTable) string {
	name := "deleted_" + t.name
	if len(name) > 63 {
		r.t.Fatalf("%s: too long for this test", name)
	}
	if r.db.postgres {
		return "deleted." + quoted(name)
	}
	return quoted(name)
}

// read reads the rows of a table, or a twin, as text, by uid.
func (r *randomRun) read(from string, t *mTable) map[int]map[string]string {
	r.t.Helper()
	columns := names(t.key)
	columns = append(columns, names(t.others)...)
	for _, l := range t.links {
		columns = append(columns, l.columns...)
	}
	query := "SELECT uid"
	for _, c := range columns {
		if r.db.postgres {
			query += ", " + quoted(c) + "::text"
		} else {
			query += fmt.Sprintf(", CASE WHEN typeof(%[1]s) IN ('blob', 'real') THEN quote(%[1]s) ELSE CAST(%[1]s AS TEXT) END", quoted(c))
		}
	}
	found, err := r.db.QueryContext(r.db.ctx(), query+" FROM "+from)
	if err != nil {
		r.t.Fatalf("%s: %v\n%s", query, err, strings.Join(r.log, "\n"))
	}
	defer found.Close()
	rows := map[int]map[string]string{}
	for found.Next() {
		var uid int
		into := []any{&uid}
		values := make([]sql.NullString, len(columns))
		for i := range values {
			into = append(into, &values[i])
		}
		if err := found.Scan(into...); err != nil {
			r.t.Fatal(err)
		}
		if rows[uid] != nil {
			r.t.Errorf("row %d is there twice in %s", uid, from)
		}
		rows[uid] = map[string]string{}
		for i, v := range values {
			if v.Valid {
				rows[uid][columns[i]] = v.String
			}
		}
	}
	if err := found.Err(); err != nil {
		r.t.Fatal(err)
	}
	return rows
}

// compare looks for rows that are lost, doubled or changed. Twins have all columns only after Install.
func (r *randomRun) compare() {
	r.t.Helper()
	for _, t := range r.model.tables {
		living, deleted := map[int]map[string]string{}, map[int]map[string]string{}
		for _, row := range t.rows {
			if row.deletion == 0 {
				living[row.uid] = row.values
			} else {
				deleted[row.uid] = row.values
			}
		}
		r.same("living", t, r.read(quoted(t.name), t), living)
		if !r.pending {
			r.same("deleted", t, r.read(r.twin(t), t), deleted)
			continue
		}
		var uids []string
		for _, uid := range slices.Sorted(maps.Keys(deleted)) {
			uids = append(uids, fmt.Sprint(uid))
		}
		r.db.want("SELECT uid FROM "+r.twin(t)+" ORDER BY uid", uids...)
	}
}

func (r *randomRun) same(what string, t *mTable, got, want map[int]map[string]string) {
	r.t.Helper()
	for _, uid := range slices.Sorted(maps.Keys(want)) {
		if got[uid] == nil {
			r.t.Errorf("row %d of %q is not %s", uid, t.name, what)
		} else if !maps.Equal(got[uid], want[uid]) {
			r.t.Errorf("row %d of %q, %s:\n got %q\nwant %q", uid, t.name, what, got[uid], want[uid])
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(got)) {
		if want[uid] == nil {
			r.t.Errorf("row %d of %q should not be %s", uid, t.name, what)
		}
	}
}

// A snapshot is the state of a model that put brings back.
type snapshot struct {
	deletions int
	cuts      []mCut
	rows      map[*mRow]mRow
}

func (r *randomRun) copy() snapshot {
	s := snapshot{r.model.deletions, slices.Clone(r.model.cuts), map[*mRow]mRow{}}
	for _, row := range r.model.all() {
		c := *row
		c.values = maps.Clone(row.values)
		s.rows[row] = c
	}
	return s
}

func (m *model) put(s snapshot) {
	m.deletions, m.cuts = s.deletions, s.cuts
	for row, was := range s.rows {
		*row = was
	}
}
