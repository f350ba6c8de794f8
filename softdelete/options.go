package softdelete

// A RestoreOption changes what one Restore does.
type RestoreOption func(*restoring)

type restoring struct {
	rowOnly  bool
	conflict Strategy
	progress func(done, total int64)
}

func (r restoring) tell(done, total int) {
	if r.progress != nil {
		r.progress(int64(done), int64(total))
	}
}

// RowOnly restores the chosen rows alone: what went with them stays deleted, and links that ON DELETE SET NULL cut
// stay cut.
func RowOnly() RestoreOption { return func(r *restoring) { r.rowOnly = true } }

// A Strategy says what Restore does about a row that the live table refuses.
type Strategy int

// The strategies. Whatever they do, no row is lost: what does not come back stays deleted, and what is overwritten is
// kept in its twin as after any other DELETE.
const (
	// Fail restores nothing and answers ConflictError or ParentGoneError. It is the default.
	Fail Strategy = iota
	// Skip leaves out the rows that cannot come back, and those that reference them: they stay deleted, and
	// Restored.Skipped tells which and why. Of several deleted rows that exclude each other the newest comes back.
	Skip
	// Overwrite deletes live rows that a primary key, unique or exclusion constraint sets before deleted ones, with all
	// that references them ON DELETE CASCADE; Restored.Overwritten names them. Of several deleted rows that exclude each
	// other the newest comes back and the others are skipped. What no deletion can help fails as with Fail.
	Overwrite
)

func (s Strategy) String() string {
	switch s {
	case Skip:
		return "skip"
	case Overwrite:
		return "overwrite"
	}
	return "fail"
}

// OnConflict says what happens to rows that the live table refuses. The default is Fail.
func OnConflict(s Strategy) RestoreOption { return func(r *restoring) { r.conflict = s } }

// OnRestored is called twice by a Restore that succeeds: with 0 and the number of rows that were chosen when these are
// found, and at the end with the number of rows that came back, which counts what went with them, twice. In between there
// is nothing to tell: the database moves all rows in one step.
func OnRestored(f func(done, total int64)) RestoreOption {
	return func(r *restoring) { r.progress = f }
}
