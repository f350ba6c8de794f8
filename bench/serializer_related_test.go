package bench

import (
	"context"
	"io"
	"strconv"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/bench/staff"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// badge refers to a person, whom the program has at hand or has to look up.
type badge struct {
	ID       int64  `json:"id"`
	Colour   string `json:"colour"`
	PersonID int64
	Person   *staff.Person
}

// newBadges counts its lookups.
func newBadges(lookups *int) *serializer.Of[badge] {
	hundred := staff.Hundred()
	return serializer.New(func(x *badge) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.ID),
			serializer.Field(&x.Colour),
			serializer.Related(&x.PersonID, people, func(_ context.Context, ids []int64) (map[int64]staff.Person, error) {
				*lookups++
				found := make(map[int64]staff.Person, len(ids))
				for _, id := range ids {
					found[id] = hundred[id%100]
				}
				return found, nil
			}).As("person").Loaded(&x.Person),
		}
	})
}

func loadedBadges(n int) []badge {
	hundred := staff.Hundred()
	list := make([]badge, n)
	for i := range list {
		list[i] = badge{int64(i), "red", int64(i % 100), &hundred[i%100]}
	}
	return list
}

// What the full serializer pays for looking up what it shows, in memory; a database takes its time on top.
func BenchmarkSerializerTiny(b *testing.B) {
	lookups := 0
	badges, list, ctx := newBadges(&lookups), loadedBadges(100), context.Background()
	var full, tiny []byte
	contest(
		b,
		contestant{"tiny", func(*testing.B) { tiny, _ = badges.Tiny().AppendList(ctx, tiny[:0], list) }},
		contestant{"full", func(*testing.B) { full, _ = badges.AppendList(ctx, full[:0], list) }},
	)
}

// 10,000 objects with a related field: read, validated and shown with two lookups in all.
func BenchmarkSerializerLookups(b *testing.B) {
	lookups := 0
	badges, ctx := newBadges(&lookups), context.Background()
	input := []byte{'['}
	for i := range 10_000 {
		input = append(input, `{"id":`+strconv.Itoa(i)+`,"colour":"red","person":`+strconv.Itoa(i%100)+`},`...)
	}
	input[len(input)-1] = ']'
	for b.Loop() {
		lookups = 0
		list, err := badges.DecodeList(ctx, input)
		if err == nil {
			_, err = badges.AppendList(ctx, nil, list)
		}
		if err != nil || lookups != 2 {
			b.Fatal(err, lookups)
		}
	}
	b.ReportMetric(float64(lookups), "lookups")
}

// A stream takes the same time for each object and the same memory in all, however long it is.
func BenchmarkSerializerStream(b *testing.B) {
	hundred := staff.Hundred()
	for _, n := range []int{1000, 10_000, 100_000, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			b.ReportAllocs()
			var took time.Duration
			for b.Loop() {
				start := time.Now()
				err := people.Stream(context.Background(), io.Discard, func(yield func(staff.Person) bool) {
					for i := range n {
						if !yield(hundred[i%100]) {
							return
						}
					}
				})
				if err != nil {
					b.Fatal(err)
				}
				took += time.Since(start)
			}
			b.ReportMetric(float64(took.Nanoseconds())/float64(b.N)/float64(n), "ns/object")
		})
	}
}
