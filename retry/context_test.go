package retry_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

var errShutdown = errors.New("shutting down")

func wantIs(t *testing.T, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("%v: errors.Is does not see %v", err, target)
		}
	}
}

func TestDoDeadContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errShutdown)
	c := newCalls(nil)
	_, err := retry.Do(ctx, retry.Policy{}, c.fn)
	c.want(t)
	wantError(t, err, 0, retry.ReasonContext)
	wantIs(t, err, context.Canceled, errShutdown)
}

func TestDoContextEndsWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(700*time.Millisecond, func() { cancel(errShutdown) })
		c := newCalls(errBusy)
		_, err := retry.Do(ctx, retry.Policy{}, c.fn)
		c.want(t, 0, 500*time.Millisecond)
		if e := wantError(t, err, 2, retry.ReasonContext); e.Elapsed != 700*time.Millisecond {
			t.Errorf("elapsed %v", e.Elapsed)
		}
		wantIs(t, err, errBusy, context.Canceled, errShutdown)
	})
}

func TestDoContextEndsInCall(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fails  error
		itself bool
	}{
		"on a retried error":     {errBusy, false},
		"on the context's error": {context.Canceled, false},
		"on its cause":           {errShutdown, false},
		"on something else":      {errOther, true},
		"on a permanent error":   {retry.Permanent(errOther), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			policy := retry.Policy{Wait: retry.NoWait, On: []retry.Match{retry.Is(errBusy)}}
			_, err := retry.Do(ctx, policy, func(context.Context) (int, error) {
				cancel(errShutdown)
				return 0, tt.fails
			})
			if tt.itself {
				if !same(err, errOther) {
					t.Errorf("got %#v, want the error itself", err)
				}
				return
			}
			wantError(t, err, 1, retry.ReasonContext)
			wantIs(t, err, tt.fails, context.Canceled, errShutdown)
		})
	}
}

func TestDoSuccessInDeadContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	v, err := retry.Do(ctx, retry.Policy{}, func(context.Context) (int, error) { cancel(); return 7, nil })
	if v != 7 || err != nil {
		t.Errorf("got %d, %v: a success is one", v, err)
	}
}

func TestDoNoPauseBeyondDeadline(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fails error
		after time.Duration
		calls int
	}{
		"pause ends before":     {errBusy, 1501 * time.Millisecond, 3},
		"pause ends with it":    {errBusy, 1500 * time.Millisecond, 2},
		"hint beyond":           {retry.After(time.Hour, errBusy), time.Minute, 1},
		"hint longer than ever": {retry.After(1<<63-1, errBusy), time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.after)
				defer cancel()
				c := newCalls(tt.fails)
				_, err := retry.Do(ctx, retry.Policy{Attempts: retry.Forever}, c.fn)
				e := wantError(t, err, tt.calls, retry.ReasonDeadline)
				wantIs(t, err, errBusy, context.DeadlineExceeded)
				if c.at[len(c.at)-1] != e.Elapsed {
					t.Errorf("came back after %v, last call at %v", e.Elapsed, c.at[len(c.at)-1])
				}
			})
		})
	}
}

func TestDoAttemptTimeout(t *testing.T) {
	t.Parallel()
	hang := func(ctx context.Context) (int, error) { <-ctx.Done(); return 0, ctx.Err() }
	policy := retry.Policy{AttemptTimeout: time.Second}
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := retry.Do(t.Context(), policy, hang)
		wantError(t, err, 3, retry.ReasonAttempts)
		wantIs(t, err, context.DeadlineExceeded)
		if d := time.Since(start); d != 4500*time.Millisecond {
			t.Errorf("took %v, want three attempts of 1s and pauses of 0.5s and 1s", d)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the caller's deadline is no AttemptTimeout
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		_, err := retry.Do(ctx, policy, hang)
		wantError(t, err, 1, retry.ReasonContext)
	})
	synctest.Test(t, func(t *testing.T) { // a selection decides
		policy := policy
		policy.On = []retry.Match{retry.Is(errBusy)}
		if _, err := retry.Do(t.Context(), policy, hang); !same(err, context.DeadlineExceeded) {
			t.Errorf("got %#v, want the error itself", err)
		}
	})
	synctest.Test(t, func(t *testing.T) { // the attempt's context is released
		var attempt context.Context
		_, _ = retry.Do(t.Context(), policy, func(ctx context.Context) (int, error) { attempt = ctx; return 0, nil })
		if attempt.Err() == nil {
			t.Error("the context of the attempt outlives it")
		}
	})
}

// A Do within an attempt gives up early when its pause would not fit into AttemptTimeout. That is as good as running
// into it: no context has ended.
func TestDoWithinAttempt(t *testing.T) {
	t.Parallel()
	policy := retry.Policy{AttemptTimeout: time.Second}
	synctest.Test(t, func(t *testing.T) {
		inner := newCalls(errBusy)
		_, err := retry.Do(t.Context(), policy, func(ctx context.Context) (int, error) {
			return retry.Do(ctx, retry.Policy{}, inner.fn)
		})
		wantError(t, err, 3, retry.ReasonAttempts)
		wantIs(t, err, errBusy, context.DeadlineExceeded)
		inner.want(t, 0, 500*time.Millisecond, time.Second, 1500*time.Millisecond, 2500*time.Millisecond, 3*time.Second)
	})
	synctest.Test(t, func(t *testing.T) { // what the last error says still counts
		_, err := retry.Do(t.Context(), policy, func(ctx context.Context) (int, error) {
			return retry.Do(ctx, retry.Policy{On: []retry.Match{retry.Is(context.Canceled)}, Wait: time.Hour}, newCalls(context.Canceled).fn)
		})
		wantError(t, err, 1, retry.ReasonDeadline)
	})
}

func TestBeforeWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var seen []retry.Failure
		hinted := retry.After(-time.Second, errBusy)
		policy := retry.Policy{Wait: time.Second, BeforeWait: func(_ context.Context, f retry.Failure) { seen = append(seen, f) }}
		_, _ = retry.Do(t.Context(), policy, newCalls(hinted, errOther).fn)
		want := []retry.Failure{{1, hinted, 0}, {2, errOther, 2 * time.Second}}
		if len(seen) != 2 || seen[0] != want[0] || seen[1] != want[1] {
			t.Errorf("told %v, want %v", seen, want)
		}
	})
}

func TestBeforeWaitMayCancel(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := newCalls(errBusy)
	policy := retry.Policy{Wait: retry.NoWait, BeforeWait: func(context.Context, retry.Failure) { cancel() }}
	_, err := retry.Do(ctx, policy, c.fn)
	wantError(t, err, 1, retry.ReasonContext)
}
