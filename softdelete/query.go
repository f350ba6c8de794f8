package softdelete

import "context"

type scanner func(into ...any) error

// each calls f for each row of a query.
func each(ctx context.Context, db DB, query string, args []any, f func(scanner) error) error {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
