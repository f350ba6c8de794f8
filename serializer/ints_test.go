package serializer

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// The digits are those of strconv, for every length and at every limit.
func TestIntegersAreSpelledAsByStrconv(t *testing.T) {
	t.Parallel()
	check := func(u uint64) {
		if got, want := string(appendUint([]byte("x"), u)), "x"+strconv.FormatUint(u, 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if got, want := string(appendInt(nil, int64(u))), strconv.FormatInt(int64(u), 10); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
	for u := range uint64(20_000) {
		check(u)
	}
	for power := uint64(1); ; power *= 10 {
		for _, near := range []uint64{power - 1, power, power + 1, 5 * power} {
			check(near)
		}
		if power > math.MaxUint64/10 {
			break
		}
	}
	check(math.MaxUint64)
	check(1 << 63)
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(r.Uint64() >> r.IntN(64))
		check(r.Uint64N(tenTo8))
	}
}
