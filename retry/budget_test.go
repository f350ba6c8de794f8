package retry_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// attempts makes calls that fail for ever and returns how often the function was called.
func attempts(t *testing.T, policy retry.Policy, calls int) (n int) {
	t.Helper()
	for range calls {
		_, _ = retry.Do(t.Context(), policy, func(context.Context) (int, error) { n++; return 0, errBusy })
	}
	return n
}

func TestBudget(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		budget      *retry.Budget
		calls, want int
		left        int
	}{
		"zero value":        {&retry.Budget{}, 1000, 1000 + 100 + 199, 0},
		"still full":        {&retry.Budget{}, 10, 30, 81},
		"a share":           {&retry.Budget{Ratio: 0.01, Burst: 7}, 1000, 1000 + 7 + 9, 0},
		"a share of thirds": {&retry.Budget{Ratio: 1.0 / 3, Burst: 1}, 300, 300 + 1 + 99, 0},
		"nothing saved up":  {&retry.Budget{Ratio: 0.5, Burst: 1}, 10, 10 + 1 + 4, 0},
		"more than needed":  {&retry.Budget{Ratio: 2, Burst: 2}, 100, 300, 0},
		"no bound at all":   {&retry.Budget{Ratio: math.MaxFloat64, Burst: math.MaxInt}, 100, 300, 1<<40 - 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := attempts(t, retry.Policy{Wait: retry.NoWait, Budget: tt.budget}, tt.calls)
			if n != tt.want || tt.budget.Left() != tt.left {
				t.Errorf("%d attempts, %d left; want %d, %d", n, tt.budget.Left(), tt.want, tt.left)
			}
		})
	}
}

func TestBudgetIsSpent(t *testing.T) {
	t.Parallel()
	told := 0
	policy := retry.Policy{
		Budget: &retry.Budget{Burst: 1}, Wait: retry.NoWait,
		BeforeWait: func(context.Context, retry.Failure) { told++ },
	}
	_, err := retry.Do(t.Context(), policy, newCalls(errBusy).fn)
	if e := wantError(t, err, 2, retry.ReasonBudget); !same(e.Last, errBusy) {
		t.Errorf("last error %v", e.Last)
	}
	if want := "retry: 2 attempts in 0s (the budget that calls share is spent): busy"; err.Error() != want {
		t.Errorf("got  %s\nwant %s", err, want)
	}
	if told != 1 {
		t.Errorf("BeforeWait was called %d times, and there was one pause", told)
	}
}

// Only what makes another attempt is paid for.
func TestBudgetIsNotSpentOnWhatEnds(t *testing.T) {
	t.Parallel()
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	for name, tt := range map[string]struct {
		ctx    context.Context
		policy retry.Policy
		err    error
	}{
		"permanent":        {t.Context(), retry.Policy{}, retry.Permanent(errBusy)},
		"not selected":     {t.Context(), retry.Policy{On: []retry.Match{retry.Is(errOther)}}, errBusy},
		"no attempts left": {t.Context(), retry.Policy{Attempts: 1}, errBusy},
		"hint too long":    {t.Context(), retry.Policy{MaxWait: 1}, retry.After(2, errBusy)},
		"dead context":     {dead, retry.Policy{}, errBusy},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.policy.Budget = new(retry.Budget)
			if _, err := retry.Do(tt.ctx, tt.policy, newCalls(tt.err).fn); err == nil {
				t.Error("it succeeded")
			}
			if left := tt.policy.Budget.Left(); left != 100 {
				t.Errorf("%d left, want all 100", left)
			}
		})
	}
}

// A pause that the context ends is not followed by the attempt that was paid for.
func TestBudgetIsRefunded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		policy := retry.Policy{Budget: &retry.Budget{Burst: 5}}
		_, err := retry.Do(ctx, policy, newCalls(errBusy).fn)
		wantError(t, err, 1, retry.ReasonContext)
		if left := policy.Budget.Left(); left != 5 {
			t.Errorf("%d left, want all 5", left)
		}
	})
}

// A call that never comes to be, because its context is dead, earns nothing.
func TestBudgetIsEarnedByCalls(t *testing.T) {
	t.Parallel()
	budget := &retry.Budget{Ratio: 1, Burst: 3}
	policy := retry.Policy{Wait: retry.NoWait, Budget: budget}
	attempts(t, policy, 1)
	if left := budget.Left(); left != 1 {
		t.Fatalf("%d left after two further attempts", left)
	}
	dead, cancel := context.WithCancel(t.Context())
	cancel()
	_, _ = retry.Do(dead, policy, newCalls(nil).fn)
	if left := budget.Left(); left != 1 {
		t.Errorf("%d left after a call in a dead context, want 1", left)
	}
	for _, want := range []int{2, 3, 3} {
		if _, err := retry.Do(t.Context(), policy, newCalls(nil).fn); err != nil || budget.Left() != want {
			t.Errorf("%d left, %v; want %d", budget.Left(), err, want)
		}
	}
}

func TestBudgetIsShared(t *testing.T) {
	t.Parallel()
	policies := []retry.Policy{
		{Attempts: 4, Wait: retry.NoWait, Budget: &retry.Budget{Ratio: 0.25, Burst: 10}},
		{Attempts: retry.Forever, Wait: retry.NoWait},
	}
	policies[1].Budget = policies[0].Budget
	var made atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			for range 100 {
				_, err := retry.Do(t.Context(), policies[i%2], func(context.Context) (int, error) { made.Add(1); return 0, errBusy })
				if _, ok := errors.AsType[*retry.Error](err); !ok {
					t.Errorf("got %v", err)
				}
			}
		})
	}
	all.Wait()
	if n := made.Load(); n < 5000 || n > 5010 { // 4000, a quarter more, and the burst as far as it was not full when earned
		t.Errorf("%d attempts of 4000 calls", n)
	}
}
