package softdelete_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// The life of a row on a real database. On PostgreSQL only the first lines differ: softdelete.Postgres and a database
// opened with any driver, for example stdlib.OpenDBFromPool(pool) of pgx.
func Example() {
	if err := life(context.Background()); err != nil {
		fmt.Println("failed:", err)
	}
	// Output:
	// deleted: 1 Ann
	// deleted: 2 Bob
	// back: departments [1]
	// back: people [1]
	// back: people [2]
	// Bob's address is taken: true
}

func life(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "softdelete")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	base, err := sqlite.NewConnector("file:" + filepath.Join(dir, "hrm.db") + "?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	db := sql.OpenDB(softdelete.SQLiteConnector(base))
	defer db.Close()
	twins := softdelete.SQLite(softdelete.Config{})

	_, err = db.ExecContext(ctx, `
		CREATE TABLE departments (id INTEGER PRIMARY KEY, name TEXT);
		CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE, department_id INTEGER REFERENCES departments ON DELETE CASCADE);
		INSERT INTO departments VALUES (1, 'Tools');
		INSERT INTO people VALUES (1, 'Ann', 'ann@example.com', 1), (2, 'Bob', 'bob@example.com', 1)`)
	if err != nil {
		return err
	}
	if err := twins.Install(ctx, db, "departments", "people"); err != nil {
		return err
	}

	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `DELETE FROM departments WHERE id = 1`); err != nil {
		return err
	}
	went := map[int64]string{}
	for row, err := range twins.List(ctx, tx, "people", softdelete.WentWith("departments", softdelete.Key(1))) {
		if err != nil {
			return err
		}
		var id int64
		var name string
		if err := row.Scan(softdelete.Column("id", &id), softdelete.Column("name", &name)); err != nil {
			return err
		}
		went[id] = name
	}
	for id := int64(1); id <= 2; id++ {
		fmt.Println("deleted:", id, went[id])
	}
	back, err := twins.Restore(ctx, tx, "departments", softdelete.Key(1))
	if err != nil {
		return err
	}
	for _, row := range back.Rows {
		fmt.Println("back:", row.Table, row.Key)
	}

	_, err = tx.ExecContext(ctx, `DELETE FROM people WHERE id = 2; INSERT INTO people (id, email) VALUES (3, 'bob@example.com')`)
	if err != nil {
		return err
	}
	var conflict *softdelete.ConflictError
	_, err = twins.Restore(ctx, tx, "people", softdelete.Key(2))
	fmt.Println("Bob's address is taken:", errors.As(err, &conflict))
	return tx.Commit()
}
