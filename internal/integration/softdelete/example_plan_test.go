package softdelete_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// shop is a SQLite database with two tables that nobody has made soft-deletable; on PostgreSQL all is the same.
func shop(ctx context.Context, use func(*sql.DB, *softdelete.Twins) error) {
	err := func() error {
		dir, err := os.MkdirTemp("", "softdelete")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		base, err := sqlite.NewConnector("file:" + filepath.Join(dir, "shop.db") + "?_pragma=busy_timeout(5000)")
		if err != nil {
			return err
		}
		db := sql.OpenDB(softdelete.SQLiteConnector(base))
		defer db.Close()
		_, err = db.ExecContext(ctx, `
			CREATE TABLE orders (id INTEGER PRIMARY KEY);
			CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders ON DELETE CASCADE);
			INSERT INTO orders VALUES (1), (2); INSERT INTO lines VALUES (1, 1), (2, 1), (3, 2)`)
		if err != nil {
			return err
		}
		return use(db, softdelete.SQLite(softdelete.Config{}))
	}()
	if err != nil {
		fmt.Println("failed:", err)
	}
}

// A migration of one's own runs what Install would run.
func ExampleTwins_Plan() {
	ctx := context.Background()
	shop(ctx, func(db *sql.DB, twins *softdelete.Twins) error {
		plan, err := twins.Plan(ctx, db, "orders", "lines")
		if err != nil {
			return err
		}
		fmt.Println("first:", plan.Drifts[0])
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		for _, statement := range plan.Up {
			if _, err := tx.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
		plan, err = twins.Plan(ctx, db, "orders", "lines")
		fmt.Println("nothing is missing:", plan.Empty())
		return err
	})
	// Output:
	// first: missing object "softdelete_state"
	// nothing is missing: true
}

func ExamplePlan_Empty() {
	ctx := context.Background()
	shop(ctx, func(db *sql.DB, twins *softdelete.Twins) error {
		plan, err := twins.Plan(ctx, db, "orders")
		fmt.Println(plan.Empty())
		return err
	})
	// Output:
	// false
}

func ExampleAll() {
	ctx := context.Background()
	shop(ctx, func(db *sql.DB, twins *softdelete.Twins) error {
		if err := twins.Install(ctx, db, "orders", "lines"); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, `DELETE FROM orders`); err != nil {
			return err
		}
		today := softdelete.Since(time.Now().Add(-24 * time.Hour))
		n, err := twins.Count(ctx, db, "lines", softdelete.All(today, softdelete.WentWith("orders", softdelete.Key(1))))
		fmt.Println(n, "lines went with order 1 today")
		return err
	})
	// Output:
	// 2 lines went with order 1 today
}

func ExampleOnRestored() {
	ctx := context.Background()
	shop(ctx, func(db *sql.DB, twins *softdelete.Twins) error {
		if err := twins.Install(ctx, db, "orders", "lines"); err != nil {
			return err
		}
		if _, err := db.ExecContext(ctx, `DELETE FROM orders WHERE id = 1`); err != nil {
			return err
		}
		_, err := twins.Restore(ctx, db, "orders", softdelete.Key(1), softdelete.OnRestored(func(done, total int64) {
			fmt.Println(done, "of", total)
		}))
		return err
	})
	// Output:
	// 0 of 1
	// 3 of 3
}
