package retry_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

func TestPolicyThatMakesNoSense(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field  string
		policy retry.Policy
	}{
		{"Attempts", retry.Policy{Attempts: -1}},
		{"Wait", retry.Policy{Wait: -1}},
		{"Backoff", retry.Policy{Backoff: -1}},
		{"Backoff", retry.Policy{Backoff: math.NaN()}},
		{"Backoff", retry.Policy{Backoff: math.Inf(1)}},
		{"MaxWait", retry.Policy{MaxWait: -1}},
		{"Jitter", retry.Policy{Jitter: -0.1}},
		{"Jitter", retry.Policy{Jitter: 1.1}},
		{"Jitter", retry.Policy{Jitter: math.NaN()}},
		{"MaxElapsed", retry.Policy{MaxElapsed: -1}},
		{"AttemptTimeout", retry.Policy{AttemptTimeout: -1}},
		{"On", retry.Policy{On: []retry.Match{nil}}},
		{"Except", retry.Policy{Except: []retry.Match{nil}}},
		{"Budget.Ratio", retry.Policy{Budget: &retry.Budget{Ratio: -0.1}}},
		{"Budget.Ratio", retry.Policy{Budget: &retry.Budget{Ratio: math.NaN()}}},
		{"Budget.Ratio", retry.Policy{Budget: &retry.Budget{Ratio: math.Inf(1)}}},
		{"Budget.Burst", retry.Policy{Budget: &retry.Budget{Burst: -1}}},
	} {
		c := newCalls(nil)
		_, err := retry.Do(t.Context(), tt.policy, c.fn)
		c.want(t)
		e, ok := errors.AsType[*retry.PolicyError](err)
		if !ok || e.Field != tt.field || !strings.Contains(err.Error(), "Policy."+tt.field+" ") {
			t.Errorf("%+v: got %v, want a *PolicyError about %s", tt.policy, err, tt.field)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	const longest = time.Duration(math.MaxInt64)
	for _, tt := range []struct {
		policy   retry.Policy
		failures int
		want     time.Duration
	}{
		{retry.Policy{}, 1, 500 * time.Millisecond},
		{retry.Policy{}, 4, 4 * time.Second},
		{retry.Policy{}, 0, 0},
		{retry.Policy{}, -1, 0},
		{retry.Policy{}, retry.Forever, longest},
		{retry.Policy{MaxWait: time.Minute}, retry.Forever, time.Minute},
		{retry.Policy{Wait: time.Hour, MaxWait: time.Minute}, 1, time.Minute},
		{retry.Policy{Wait: longest}, 2, longest},
		{retry.Policy{Wait: 100 * time.Millisecond, Backoff: 3}, 5, 8100 * time.Millisecond},
		{retry.Policy{Backoff: 0.1}, 1000, 0},
		{retry.Policy{Wait: retry.NoWait, MaxWait: time.Minute}, 3, 0},
		{retry.Policy{Wait: -5}, 2, 0},
	} {
		if got := tt.policy.Pause(tt.failures); got != tt.want {
			t.Errorf("%+v: pause %d is %v, want %v", tt.policy, tt.failures, got, tt.want)
		}
	}
}

func TestPauseJitter(t *testing.T) {
	t.Parallel()
	for _, jitter := range []float64{0.25, 1} {
		policy := retry.Policy{Wait: time.Minute, MaxWait: time.Second, Jitter: jitter}
		low := time.Duration((1 - jitter) * float64(time.Second))
		least, most := time.Hour, time.Duration(0)
		for range 1000 {
			d := policy.Pause(3)
			least, most = min(least, d), max(most, d)
		}
		if least < low || most > time.Second {
			t.Errorf("jitter %v: pauses from %v to %v", jitter, least, most)
		}
		if spread := time.Second - low; most-least < spread*9/10 {
			t.Errorf("jitter %v: pauses from %v to %v do not use the room", jitter, least, most)
		}
	}
}

func TestPolicyIsShared(t *testing.T) {
	t.Parallel()
	policy := retry.Policy{Attempts: 4, Wait: 1, Jitter: 1, On: []retry.Match{retry.Is(errBusy)}}
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			n := 0
			v, err := retry.Do(t.Context(), policy, func(context.Context) (int, error) {
				if n++; n < 4 {
					return n, errBusy
				}
				return n, nil
			})
			if v != 4 || err != nil {
				t.Errorf("got %d, %v", v, err)
			}
		})
	}
	all.Wait()
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  retry.Error
		want string
	}{
		{retry.Error{Reason: retry.ReasonContext}, "retry: no attempt made: the context has ended"},
		{retry.Error{Attempts: 1, Reason: retry.ReasonHint, Last: errBusy}, "retry: 1 attempt (the error asks for a pause that is too long): busy"},
		{retry.Error{Attempts: 3, Elapsed: 1500 * time.Millisecond, Reason: retry.ReasonAttempts, Last: errBusy}, "retry: 3 attempts in 1.5s (no attempts left): busy"},
	} {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errShutdown)
	_, err := retry.Do(ctx, retry.Policy{}, newCalls(nil).fn)
	if want := "retry: no attempt made: the context has ended: shutting down"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
}

func TestFirstSuccessAllocatesNothing(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun refuses to
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	policy := retry.Policy{Attempts: 5, Jitter: 1, MaxElapsed: time.Second, Budget: new(retry.Budget),
		On: []retry.Match{retry.Is(errBusy)}, Except: []retry.Match{retry.Is(errOther)}, BeforeWait: func(context.Context, retry.Failure) {}}
	var sum int
	if n := testing.AllocsPerRun(100, func() {
		v, _ := retry.Do(ctx, policy, func(context.Context) (int, error) { return 1, nil })
		sum += v
	}); n != 0 {
		t.Errorf("Do: %v allocations", n)
	}
	if n := testing.AllocsPerRun(100, func() {
		_ = retry.Run(ctx, policy, func(context.Context) error { sum++; return nil })
	}); n != 0 {
		t.Errorf("Run: %v allocations", n)
	}
}

func TestRetriesAllocateNothing(t *testing.T) { //nolint:paralleltest // testing.AllocsPerRun refuses to
	policy := retry.Policy{Attempts: 3, Wait: retry.NoWait, Budget: &retry.Budget{Ratio: 2}}
	if n := testing.AllocsPerRun(100, func() {
		tries := 0
		_, _ = retry.Do(t.Context(), policy, func(context.Context) (int, error) {
			if tries++; tries < 3 {
				return 0, errBusy
			}
			return 1, nil
		})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
