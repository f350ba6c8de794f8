package bench

import (
	"context"
	"errors"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

var errBusy = errors.New("busy")

// A call that succeeds at once: what a policy costs where it is not needed.
func BenchmarkRetryFirstTry(b *testing.B) {
	work := func(context.Context) (int, error) { return 1, nil }
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := loop(b.Context(), 3, work); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("toolset", func(b *testing.B) {
		policy := retry.Policy{}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := retry.Do(b.Context(), policy, work); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A call that succeeds at its third try, without pauses.
func BenchmarkRetryThirdTry(b *testing.B) {
	calls := 0
	work := func(context.Context) (int, error) {
		if calls++; calls%3 != 0 {
			return 0, errBusy
		}
		return 1, nil
	}
	b.Run("loop", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := loop(b.Context(), 3, work); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("toolset", func(b *testing.B) {
		policy := retry.Policy{Wait: retry.NoWait}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := retry.Do(b.Context(), policy, work); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// loop is what people write by hand.
func loop(ctx context.Context, attempts int, fn func(context.Context) (int, error)) (int, error) {
	var err error
	for range attempts {
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		var v int
		if v, err = fn(ctx); err == nil {
			return v, nil
		}
	}
	return 0, err
}
