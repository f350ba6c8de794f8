package bench

import (
	"context"
	"errors"
	"testing"

	retrygo "github.com/avast/retry-go/v5"
	"github.com/cenkalti/backoff/v5"
	"github.com/failsafe-go/failsafe-go"
	"github.com/failsafe-go/failsafe-go/retrypolicy"
	sethvargo "github.com/sethvargo/go-retry"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

var errBusy = errors.New("busy")

// Each retryWay makes up to three attempts without pauses. What a library lets its users prepare once is prepared once.
var retryWays = []struct {
	name string
	call func(ctx context.Context, fn func(context.Context) (int, error)) (int, error)
}{
	{"loop", retryLoop},
	{"toolset", withToolset(retry.Policy{Wait: retry.NoWait})},
	{"toolset-budget", withToolset(retry.Policy{Wait: retry.NoWait, Budget: &retry.Budget{Ratio: 2}})},
	{"backoff", withBackoff},
	{"sethvargo", withSethvargo},
	{"failsafe", withFailsafe(retrypolicy.NewBuilder[int]().WithMaxAttempts(3).Build())},
	{"retry-go", withRetryGo},
	{"retry-go-reused", withRetryGoReused(retrygo.NewWithData[int](retryGoOptions...))},
}

// retryLoop is what people write by hand.
func retryLoop(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
	var err error
	for range 3 {
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

func withToolset(policy retry.Policy) func(context.Context, func(context.Context) (int, error)) (int, error) {
	return func(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
		return retry.Do(ctx, policy, fn)
	}
}

func withBackoff(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
	return backoff.Retry(ctx, func() (int, error) { return fn(ctx) },
		backoff.WithBackOff(&backoff.ZeroBackOff{}), backoff.WithMaxTries(3))
}

// withSethvargo makes its backoff for each call, since it counts the attempts of one.
func withSethvargo(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
	return sethvargo.DoValue(ctx, sethvargo.WithMaxRetries(2, sethvargo.NewConstant(1)), func(ctx context.Context) (int, error) {
		v, err := fn(ctx)
		if err != nil {
			err = sethvargo.RetryableError(err)
		}
		return v, err
	})
}

func withFailsafe(policy retrypolicy.RetryPolicy[int]) func(context.Context, func(context.Context) (int, error)) (int, error) {
	executor := failsafe.With(policy)
	return func(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
		return executor.WithContext(ctx).Get(func() (int, error) { return fn(ctx) })
	}
}

var retryGoOptions = []retrygo.Option{retrygo.Attempts(3), retrygo.Delay(0), retrygo.DelayType(retrygo.FixedDelay)}

// withRetryGo makes its retrier for each call: that is where it takes the context of the call.
func withRetryGo(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
	return retrygo.NewWithData[int](append(retryGoOptions[:3:3], retrygo.Context(ctx))...).
		Do(func() (int, error) { return fn(ctx) })
}

// withRetryGoReused hears of no context.
func withRetryGoReused(retrier *retrygo.RetrierWithData[int]) func(context.Context, func(context.Context) (int, error)) (int, error) {
	return func(ctx context.Context, fn func(context.Context) (int, error)) (int, error) {
		return retrier.Do(func() (int, error) { return fn(ctx) })
	}
}

// A call that succeeds at once: what a policy costs where it is not needed.
func BenchmarkRetryFirstTry(b *testing.B) {
	benchmarkRetry(b, func(context.Context) (int, error) { return 1, nil })
}

// A call that succeeds at its third try, without pauses (1 ns for sethvargo/go-retry, which refuses none).
func BenchmarkRetryThirdTry(b *testing.B) {
	calls := 0
	benchmarkRetry(b, func(context.Context) (int, error) {
		if calls++; calls%3 != 0 {
			return 0, errBusy
		}
		return 1, nil
	})
}

func benchmarkRetry(b *testing.B, fn func(context.Context) (int, error)) {
	for _, way := range retryWays {
		b.Run(way.name, func(b *testing.B) {
			ctx := b.Context()
			b.ReportAllocs()
			for b.Loop() {
				if v, err := way.call(ctx, fn); v != 1 || err != nil {
					b.Fatal(v, err)
				}
			}
		})
	}
}
