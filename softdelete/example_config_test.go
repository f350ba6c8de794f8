package softdelete_test

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// A job empties a table with TRUNCATE, and its rows have to be kept all the same. What Check finds stops the service:
// a partition without triggers, a role with too many rights, a twin that shows what row security hides.
func ExampleConfig() {
	twins := softdelete.Postgres(softdelete.Config{KeepTruncated: true, LockTimeout: time.Second})
	start := func(ctx context.Context, db *sql.DB) error {
		if err := twins.Install(ctx, db, "events", "people"); err != nil {
			return err
		}
		drifts, err := twins.Check(ctx, db, "events", "people")
		for _, d := range drifts {
			if d.Kind == softdelete.Rights || d.Kind == softdelete.RowSecurity {
				return fmt.Errorf("soft delete: %v", d)
			}
		}
		return err
	}
	_ = start
}
