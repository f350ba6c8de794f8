package softdelete_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

type scenario struct {
	Steps []struct {
		SQL    string
		Status string
		Rows   [][]any
		Error  *struct{ SQLState, Message, Constraint string }
	}
	Final map[string][]map[string]any `json:"final_state"`
}

// difference is what testdata/better.json says of a scenario in which we differ on purpose.
type difference struct {
	Reason string   `json:"reason"`
	Diffs  []string `json:"differences"`
}

// noMeaning are scenarios about how the other toolset is set up.
var noMeaning = map[string]string{
	"triggers_on_wrong_schema":                    "triggers are generated, nobody attaches them by hand",
	"search_path_deleted_without_functions_there": "functions live in schema deleted, whatever the search_path",
	"no_twin_table":                               "Install makes twin and triggers together",
	"rollback":                                    "see TestRollbackUndoesADeletion, on both databases",
}

// notAdopted are scenarios whose twins Install refuses, and says what to run.
var notAdopted = map[string]string{
	"table_without_deleted_at": "a twin without deleted_at is none",
	"table_name_60_chars":      "PostgreSQL has cut off the twin's name",
}

var (
	createsPublic = regexp.MustCompile(`(?i)^create table (?:public\.)?("[^"]+"|[a-z0-9_]+) \(`)
	createsTwin   = regexp.MustCompile(`(?i)^create table deleted\.`)
	setUp         = regexp.MustCompile(`(?i)^(create table deleted\.|create trigger|drop trigger|create table (public\.)?[^.]+$|--)`)
	ours          = regexp.MustCompile(`^(softdelete_.*|created_at|updated_at)$`)
)

// TestRecordedScenarios sends what services of the Python toolset send and compares the answers.
func TestRecordedScenarios(t *testing.T) {
	t.Parallel()
	var file struct{ Scenarios map[string]scenario }
	readJSON(t, "testdata/soft_delete.json", &file)
	var better map[string]difference
	readJSON(t, "testdata/better.json", &better)
	db := onPostgres(t)
	db.SetMaxOpenConns(1) // SET search_path holds on
	for name, s := range file.Scenarios {
		if noMeaning[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) { // one after the other: a database each would take minutes
			db.do(`DROP SCHEMA IF EXISTS public, deleted, other CASCADE; CREATE SCHEMA public; SET search_path = "$user", public`)
			diffs := replay(&base{TB: t, DB: db.DB, twins: db.twins, postgres: true}, s, false)
			if want := better[name].Diffs; !slices.Equal(diffs, want) {
				text, _ := json.Marshal(map[string]difference{name: {better[name].Reason, diffs}})
				t.Errorf("got  %s\nwant %q", text, want)
			}
		})
	}
	for name, d := range better {
		if _, ok := file.Scenarios[name]; !ok || d.Reason == "" {
			t.Errorf("better.json: %s is no scenario, or has no reason", name)
		}
	}
}

// TestRecordedScenariosOnAdoptedTwins does the same with twins of the Python toolset that were adopted.
func TestRecordedScenariosOnAdoptedTwins(t *testing.T) {
	t.Parallel()
	var file struct{ Scenarios map[string]scenario }
	readJSON(t, "testdata/soft_delete.json", &file)
	var better map[string]difference
	readJSON(t, "testdata/better.json", &better)
	db := onPostgres(t)
	db.SetMaxOpenConns(1)
	for name, s := range file.Scenarios {
		if noMeaning[name] != "" || notAdopted[name] != "" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			db.do(`DROP SCHEMA IF EXISTS public, deleted, other CASCADE; CREATE SCHEMA public; SET search_path = "$user", public`)
			diffs := replay(&base{TB: t, DB: db.DB, twins: db.twins, postgres: true}, s, true)
			if want := better[name].Diffs; !slices.Equal(diffs, want) {
				t.Errorf("got  %q\nwant %q", diffs, want)
			}
		})
	}
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// replay runs a scenario on twins that Install makes, or on those that the scenario makes and Install adopts.
func replay(db *base, s scenario, adopt bool) (diffs []string) {
	var tables []string
	if adopt {
		db.do(testenv.FormerFunctions)
	}
	for _, step := range s.Steps {
		if adopt && createsTwin.MatchString(step.SQL) {
			db.do(step.SQL)
		}
		if m := createsPublic.FindStringSubmatch(step.SQL); m != nil {
			tables = append(tables, strings.Trim(m[1], `"`))
			db.do(step.SQL)
		}
	}
	for _, table := range tables {
		if adopt {
			_ = db.try(testenv.FormerTriggers(table)) // fails where it fails there: names that want quotes
		}
	}
	for range 2 {
		if err := db.twins.Install(db.ctx(), db.DB, tables...); err != nil {
			db.Fatalf("install: %v", err)
		}
	}
	if !adopt { // twins in another order stay so
		db.clean(tables...)
	}
	for _, step := range s.Steps {
		if createsPublic.MatchString(step.SQL) || setUp.MatchString(step.SQL) {
			continue
		}
		want := step.Status
		if step.Error != nil {
			want = step.Error.SQLState + " " + step.Error.Constraint + " " + step.Error.Message
		}
		var got string
		if step.Rows != nil {
			want = fmt.Sprint(step.Rows)
			got = answers(db, step.SQL)
		} else {
			result, err := db.ExecContext(db.ctx(), step.SQL)
			n := int64(-1)
			if err == nil {
				n, _ = result.RowsAffected()
			}
			got = answer(err, want, n)
		}
		if got != want {
			diffs = append(diffs, fmt.Sprintf("%s: %s -> %s", step.SQL, want, got))
		}
	}
	for _, table := range slices.Sorted(maps.Keys(s.Final)) {
		if got, want := state(db, table), normal(s.Final[table]); !slices.Equal(got, want) {
			diffs = append(diffs, fmt.Sprintf("%s: %s -> %s", table, want, got))
		}
	}
	return diffs
}

// answers are the rows that a statement returns, as they were recorded: without our columns, times replaced.
func answers(db *base, statement string) string {
	all := [][]any{}
	for _, text := range db.rows(`WITH q AS (` + statement + `) SELECT row_to_json(q)::text FROM q`) {
		d := json.NewDecoder(strings.NewReader(text))
		_, _ = d.Token() // {
		row := []any{}
		for d.More() {
			name, _ := d.Token()
			var value any
			if err := d.Decode(&value); err != nil {
				db.Fatal(err)
			}
			if name == "deleted_at" && strings.Contains(fmt.Sprint(value), "T") { // ISO 8601: not cast to text
				value = "<timestamp>"
			}
			if !ours.MatchString(fmt.Sprint(name)) {
				row = append(row, value)
			}
		}
		all = append(all, row)
	}
	return fmt.Sprint(all)
}

// answer is a command's tag, with the verb of the recorded one, or its error.
func answer(err error, recorded string, n int64) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code + " " + pg.ConstraintName + " " + pg.Message
	}
	if err != nil {
		return err.Error()
	}
	verb, count, _ := strings.Cut(recorded, " ")
	switch {
	case verb == "INSERT":
		return fmt.Sprint("INSERT 0 ", n)
	case strings.Trim(count, "0123456789") == "" && count != "":
		return fmt.Sprint(verb, " ", n)
	case strings.ToUpper(verb) != verb || strings.ContainsAny(verb, "0123456789"):
		return fmt.Sprint("ok ", n) // an error was recorded
	}
	return recorded
}

// state is a table's rows without the columns that Install adds.
func state(db *base, table string) []string {
	schema, name, _ := strings.Cut(table, ".")
	if schema == "deleted" {
		name = `"` + strings.Trim(name, `"`) + `"`
	}
	var rows []map[string]any
	for _, text := range db.rows(`SELECT to_jsonb(t)::text FROM ` + schema + `.` + name + ` t`) {
		var row map[string]any
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			db.Fatal(err)
		}
		for k := range row {
			if ours.MatchString(k) {
				delete(row, k)
			}
		}
		if row["deleted_at"] != nil {
			row["deleted_at"] = "<timestamp>"
		}
		rows = append(rows, row)
	}
	return normal(rows)
}

func normal(rows []map[string]any) []string {
	all := []string{}
	for _, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			panic(err)
		}
		all = append(all, string(text))
	}
	slices.Sort(all)
	return all
}
