package softdelete

import "fmt"

// A Kind is a kind of drift.
type Kind string

// The kinds of drift.
const (
	MissingTwin     Kind = "missing twin"     // Install was never run for the table
	MissingColumn   Kind = "missing column"   // of the table (deleted_at and such) or of the twin
	RetypedColumn   Kind = "retyped column"   // the twin's column has another type than the table's
	ExtraColumn     Kind = "extra column"     // the twin has a column that the table has not (any more)
	MissingTrigger  Kind = "missing trigger"  // nobody keeps what it kept
	DisabledTrigger Kind = "disabled trigger" // PostgreSQL: ALTER TABLE ... DISABLE TRIGGER
	Outdated        Kind = "outdated"         // a trigger or function is not what this version makes
	Rights          Kind = "rights"           // PostgreSQL: a role may do more or less than it needs; Install leaves it
	RowSecurity     Kind = "row security"     // PostgreSQL: the table has it and the twin has not
	MissingObject   Kind = "missing object"   // an index, or one of the shared functions and tables

	AdoptableTwin    Kind = "adoptable twin"     // PostgreSQL: a twin of the Python toolset, or one without our columns; Install adopts it with its rows
	RenamedColumn    Kind = "renamed column"     // PostgreSQL: the table's column has another name than the twin's
	ReorderedColumns Kind = "reordered columns"  // PostgreSQL: harmless to us, who copy by name; Install leaves it
	ConstrainedTwin  Kind = "constraint on twin" // PostgreSQL: the twin could refuse a deleted row
	ForeignTrigger   Kind = "foreign trigger"    // PostgreSQL: a trigger of the Python toolset under another name than ours; or one that could keep rows out of the twin, which Install leaves
)

// A Drift is one difference between what is in the database and what Install would make of it.
type Drift struct {
	Table  string // empty where it concerns all tables
	Kind   Kind
	Name   string // of the column, trigger, function or index
	Detail string // for people; may be empty
}

func (d Drift) String() string {
	s := string(d.Kind)
	if d.Table != "" {
		s = d.Table + ": " + s
	}
	if d.Name != "" {
		s += fmt.Sprintf(" %q", d.Name)
	}
	if d.Detail != "" {
		s += " (" + d.Detail + ")"
	}
	return s
}

// A change is a drift with the statements that mend it; statements may be empty where a drift does no harm.
type change struct {
	Drift
	sql     []string
	undo    []string          // statements that take it back, in their order
	locks   map[string]string // modes by table
	before  string            // function whose definition of now takes it back
	refused error             // why Install may not run them
}

func drifts(changes []change) []Drift {
	var all []Drift
	for _, c := range changes {
		all = append(all, c.Drift)
	}
	return all
}
