package softdelete_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// However many rows are listed and purged, the memory of the client stays flat. TOOLSET_SOFTDELETE_ROWS says how many
// (20,000); a large number gets a server of its own.
func TestManyRowsInLittleMemory(t *testing.T) { //nolint:paralleltest // it measures the heap
	rows := 20_000
	db := onPostgres
	if text := os.Getenv("TOOLSET_SOFTDELETE_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
		db = func(t testing.TB) *base {
			server := testenv.StartPostgres(t, "fsync = off", "max_wal_size = 4GB", "shared_buffers = 256MB")
			return &base{TB: t, DB: testenv.Open(t, server.URL), twins: softdelete.Postgres(softdelete.Config{}), postgres: true}
		}
	}
	for name, open := range map[string]func(testing.TB) *base{"postgres": db, "sqlite": onSQLite} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			db.do(`CREATE TABLE a (id integer PRIMARY KEY, name text, note text)`)
			db.install("a")
			if db.postgres {
				db.do(`INSERT INTO {twin:a} (id, name, note, deleted_at, softdelete_at) SELECT i, 'name ' || i, 'note', now(), now() - (i / 100) * interval '1 second' FROM generate_series(1, $1::int) i`, rows)
				db.do(`VACUUM ANALYZE {twin:a}`)
			} else {
				db.do(`INSERT INTO {twin:a} (id, name, note, deleted_at, softdelete_deletion, softdelete_at)
					WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1) SELECT i, 'name ' || i, 'note', '2020-01-01', i, 1 FROM n`, rows)
			}
			var peak uint64
			look := func() {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			look()
			before := peak
			start, n := time.Now(), 0
			for _, err := range db.twins.List(db.ctx(), db.DB, "a") {
				if err != nil {
					t.Fatal(err)
				}
				if n++; n%(rows/10) == 0 {
					look()
				}
			}
			listed := time.Since(start)
			start = time.Now()
			next := int64(0)
			purged, err := db.twins.Purge(db.ctx(), db.DB, "a", time.Now().Add(time.Hour), softdelete.OnPurged(func(n int64) {
				if n >= next {
					next += int64(rows / 10)
					look()
				}
			}))
			if err != nil || n != rows || purged != int64(rows) {
				t.Fatal(n, purged, err)
			}
			if grown := int64(peak) - int64(before); grown > 8<<20 {
				t.Errorf("the heap grew by %d KB", grown>>10)
			}
			t.Logf("%d rows listed in %v, purged in %v; the heap grew by %d KB", rows, listed, time.Since(start), (int64(peak)-int64(before))>>10)
		})
	}
}
