package bench

import (
	"cmp"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// contestant is one way to do the work at hand.
type contestant struct {
	name string
	run  func(b *testing.B)
}

// slot is how long one contestant runs before the next one has its turn.
const slot = 2 * time.Millisecond

// contest lets the contestants take turns, in a new order each round, so that what disturbs the machine disturbs all of them. It reports the
// median time of each and, for all but the first, its ratio to the first: the median over the rounds of the ratio within a round.
func contest(b *testing.B, contestants ...contestant) {
	b.Helper()
	times := make([][]float64, len(contestants))
	repeat := make([]int, len(contestants))
	order := make([]int, len(contestants))
	for i, c := range contestants {
		order[i] = i
		c.run(b) // caches, pools and just-in-time compilers fill up
		start := time.Now()
		c.run(b)
		repeat[i] = max(1, int(slot/max(time.Since(start), 1)))
	}
	for b.Loop() {
		rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			runtime.GC() // of the one before
			start := time.Now()
			for range repeat[i] {
				contestants[i].run(b)
			}
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds())/float64(repeat[i]))
		}
	}
	b.ReportMetric(0, "ns/op") // a round says nothing
	for i, c := range contestants {
		unit := strings.ReplaceAll(c.name, " ", "-")
		b.ReportMetric(median(times[i])/1000, unit+"-µs")
		if i > 0 {
			ratios := make([]float64, len(times[i]))
			for round := range ratios {
				ratios[round] = times[i][round] / times[0][round]
			}
			b.ReportMetric(median(ratios), unit+"/"+strings.ReplaceAll(contestants[0].name, " ", "-"))
		}
	}
}

func median[N cmp.Ordered](values []N) N {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
