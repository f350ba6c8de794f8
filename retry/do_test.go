package retry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

var (
	errBusy  = errors.New("busy")
	errOther = errors.New("other")
)

// calls records when a function was called and answers from a script; its last entry goes on forever.
type calls struct {
	start  time.Time
	at     []time.Duration
	script []error
	takes  time.Duration
}

func newCalls(script ...error) *calls { return &calls{start: time.Now(), script: script} }

func (c *calls) fn(context.Context) (int, error) {
	c.at = append(c.at, time.Since(c.start))
	time.Sleep(c.takes)
	return len(c.at), c.script[min(len(c.at), len(c.script))-1]
}

func (c *calls) want(t *testing.T, at ...time.Duration) {
	t.Helper()
	if len(c.at) != len(at) || len(at) > 0 && !reflect.DeepEqual(c.at, at) {
		t.Errorf("called at %v, want %v", c.at, at)
	}
}

func wantError(t *testing.T, err error, attempts int, reason retry.Reason) *retry.Error {
	t.Helper()
	e, ok := errors.AsType[*retry.Error](err)
	if !ok {
		t.Fatalf("got %#v, want a *retry.Error", err)
	}
	if e.Attempts != attempts || e.Reason != reason {
		t.Errorf("got %d attempts, %q; want %d, %q", e.Attempts, e.Reason, attempts, reason)
	}
	return e
}

func TestDoTiming(t *testing.T) {
	t.Parallel()
	const s, ms = time.Second, time.Millisecond
	tests := map[string]struct {
		policy retry.Policy
		script []error
		takes  time.Duration
		at     []time.Duration
		reason retry.Reason // empty: succeeds
	}{
		"zero policy":            {retry.Policy{}, []error{errBusy}, 0, []time.Duration{0, 500 * ms, 1500 * ms}, retry.ReasonAttempts},
		"first try":              {retry.Policy{}, []error{nil}, 0, []time.Duration{0}, ""},
		"last try":               {retry.Policy{}, []error{errBusy, errBusy, nil}, 0, []time.Duration{0, 500 * ms, 1500 * ms}, ""},
		"one attempt":            {retry.Policy{Attempts: 1}, []error{errBusy}, 0, []time.Duration{0}, retry.ReasonAttempts},
		"forever":                {retry.Policy{Attempts: retry.Forever, Wait: s, Backoff: 1}, append(make5(errBusy), nil), 0, []time.Duration{0, s, 2 * s, 3 * s, 4 * s, 5 * s}, ""},
		"shrinking":              {retry.Policy{Wait: 4 * s, Backoff: 0.5}, []error{errBusy}, 0, []time.Duration{0, 4 * s, 6 * s}, retry.ReasonAttempts},
		"cap":                    {retry.Policy{Attempts: 5, Wait: s, MaxWait: 3 * s}, []error{errBusy}, 0, []time.Duration{0, s, 3 * s, 6 * s, 9 * s}, retry.ReasonAttempts},
		"no wait":                {retry.Policy{Wait: retry.NoWait}, []error{errBusy}, 0, []time.Duration{0, 0, 0}, retry.ReasonAttempts},
		"calls take time":        {retry.Policy{Wait: s, Backoff: 1}, []error{errBusy}, 2 * s, []time.Duration{0, 3 * s, 6 * s}, retry.ReasonAttempts},
		"ends at MaxElapsed":     {retry.Policy{Attempts: 9, Wait: s, MaxElapsed: 3 * s}, []error{errBusy}, 0, []time.Duration{0, s, 3 * s}, retry.ReasonElapsed},
		"beyond MaxElapsed":      {retry.Policy{Attempts: 9, Wait: s, MaxElapsed: 3*s - 1}, []error{errBusy}, 0, []time.Duration{0, s}, retry.ReasonElapsed},
		"first call counts":      {retry.Policy{Attempts: 9, Wait: s, MaxElapsed: 5 * s}, []error{errBusy}, 4500 * ms, []time.Duration{0}, retry.ReasonElapsed},
		"no wait, MaxElapsed":    {retry.Policy{Attempts: 9, Wait: retry.NoWait, MaxElapsed: 2 * s}, []error{errBusy}, s, []time.Duration{0, s, 2 * s}, retry.ReasonElapsed},
		"hint":                   {retry.Policy{MaxWait: 7 * s}, []error{retry.After(7*s, errBusy)}, 0, []time.Duration{0, 7 * s, 14 * s}, retry.ReasonAttempts},
		"hint, then none":        {retry.Policy{}, []error{retry.After(7*s, errBusy), errBusy}, 0, []time.Duration{0, 7 * s, 8 * s}, retry.ReasonAttempts},
		"hint without jitter":    {retry.Policy{Jitter: 1}, []error{retry.After(7*s, errBusy)}, 0, []time.Duration{0, 7 * s, 14 * s}, retry.ReasonAttempts},
		"hint beyond cap":        {retry.Policy{MaxWait: 7 * s}, []error{retry.After(7*s+1, errBusy)}, 0, []time.Duration{0}, retry.ReasonHint},
		"hint beyond MaxElapsed": {retry.Policy{MaxElapsed: 7 * s}, []error{retry.After(7*s+1, errBusy)}, 0, []time.Duration{0}, retry.ReasonElapsed},
		"hint of zero":           {retry.Policy{}, []error{retry.After(0, errBusy)}, 0, []time.Duration{0, 0, 0}, retry.ReasonAttempts},
		"hint of less":           {retry.Policy{}, []error{retry.After(-s, errBusy)}, 0, []time.Duration{0, 0, 0}, retry.ReasonAttempts},
		"wrapped hint":           {retry.Policy{}, []error{fmt.Errorf("x: %w", throttled{3 * s, true})}, 0, []time.Duration{0, 3 * s, 6 * s}, retry.ReasonAttempts},
		"hint withheld":          {retry.Policy{}, []error{throttled{3 * s, false}}, 0, []time.Duration{0, 500 * ms, 1500 * ms}, retry.ReasonAttempts},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCalls(tt.script...)
				c.takes = tt.takes
				v, err := retry.Do(t.Context(), tt.policy, c.fn)
				c.want(t, tt.at...)
				if v != len(tt.at) {
					t.Errorf("got value %d, want that of the last call, %d", v, len(tt.at))
				}
				if over := time.Since(c.start) - tt.at[len(tt.at)-1] - tt.takes; over != 0 {
					t.Errorf("waited %v after the last call", over)
				}
				if tt.reason == "" {
					if err != nil {
						t.Errorf("got %v, want success", err)
					}
					return
				}
				e := wantError(t, err, len(tt.at), tt.reason)
				if want := tt.script[min(len(tt.at), len(tt.script))-1]; !same(e.Last, want) {
					t.Errorf("last error %v, want %v", e.Last, want)
				}
			})
		})
	}
}

type throttled struct {
	d  time.Duration
	ok bool
}

func (e throttled) Error() string                     { return "throttled" }
func (e throttled) RetryAfter() (time.Duration, bool) { return e.d, e.ok }

// same tells whether two errors are one and the same value, unwrapped.
func same(a, b error) bool { return a == b }

func make5(err error) []error { return []error{err, err, err, err, err} }

func TestDoElapsed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			policy retry.Policy
			want   time.Duration
		}{
			{retry.Policy{Wait: time.Second, Backoff: 1, MaxElapsed: time.Minute}, 8 * time.Second},
			{retry.Policy{Wait: time.Second, Backoff: 1, AttemptTimeout: time.Minute}, 8 * time.Second},
			{retry.Policy{Wait: time.Second, Backoff: 1}, 6 * time.Second}, // without the first call
		} {
			c := newCalls(errBusy)
			c.takes = 2 * time.Second
			_, err := retry.Do(t.Context(), tt.policy, c.fn)
			if e := wantError(t, err, 3, retry.ReasonAttempts); e.Elapsed != tt.want {
				t.Errorf("%+v: elapsed %v, want %v", tt.policy, e.Elapsed, tt.want)
			}
		}
	})
}

func TestDoSelection(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Err: timeoutError{}}
	on := func(m ...retry.Match) retry.Policy { return retry.Policy{Wait: retry.NoWait, On: m} }
	except := func(p retry.Policy, m ...retry.Match) retry.Policy { p.Except = m; return p }
	tests := map[string]struct {
		policy  retry.Policy
		err     error
		retried bool
	}{
		"any":                       {on(), errOther, true},
		"canceled":                  {on(), context.Canceled, false},
		"wrapped canceled":          {on(), fmt.Errorf("x: %w", context.Canceled), false},
		"joined deadline":           {on(), errors.Join(errBusy, fmt.Errorf("x: %w", context.DeadlineExceeded)), false},
		"joined others":             {on(), errors.Join(errBusy, errOther), true},
		"a time-out of the network": {on(), dial, true},
		"value":                     {on(retry.Is(errBusy, errOther)), fmt.Errorf("x: %w", errOther), true},
		"no value":                  {on(retry.Is(errBusy)), errOther, false},
		"no values":                 {on(retry.Is()), errOther, false},
		"type":                      {on(retry.As[*net.OpError]()), fmt.Errorf("x: %w", dial), true},
		"no type":                   {on(retry.As[*net.OpError]()), errOther, false},
		"interface":                 {on(retry.As[net.Error]()), dial, true},
		"predicate":                 {on(func(err error) bool { return err.Error() == "busy" }), errBusy, true},
		"second match":              {on(retry.Is(errBusy), retry.Is(errOther)), errOther, true},
		"selected context error":    {on(retry.Is(context.DeadlineExceeded)), context.DeadlineExceeded, true},
		"excluded":                  {except(on(), retry.Is(errBusy)), errBusy, false},
		"not excluded":              {except(on(), retry.Is(errBusy)), errOther, true},
		"on and excluded":           {except(on(retry.As[*net.OpError]()), retry.As[timeoutError]()), dial, false},
		"excluded first":            {except(on(), retry.Is(errBusy), retry.Is(errOther)), errBusy, false},
		"excluded second":           {except(on(), retry.Is(errBusy), retry.Is(errOther)), errOther, false},
		"neither on nor excluded":   {except(on(retry.Is(errBusy)), retry.Is(errBusy)), errOther, false},
		"wrapped permanent":         {on(retry.Is(errBusy)), fmt.Errorf("x: %w", retry.Permanent(errBusy)), false},
		"hint is no selection":      {on(retry.Is(errBusy)), retry.After(0, errOther), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCalls(tt.err)
			_, err := retry.Do(t.Context(), tt.policy, c.fn)
			if tt.retried {
				wantError(t, err, 3, retry.ReasonAttempts)
			} else if len(c.at) != 1 || !same(err, tt.err) {
				t.Errorf("got %#v after %d calls, want the error itself after 1", err, len(c.at))
			}
		})
	}
}

type timeoutError struct{}

func (timeoutError) Error() string     { return "i/o timeout" }
func (timeoutError) Timeout() bool     { return true }
func (timeoutError) Temporary() bool   { return true }
func (timeoutError) Is(err error) bool { return err == context.DeadlineExceeded }

func TestDoStopsLater(t *testing.T) {
	t.Parallel()
	policy := retry.Policy{Wait: retry.NoWait, On: []retry.Match{retry.Is(errBusy)}}

	_, err := retry.Do(t.Context(), policy, newCalls(errBusy, errOther).fn)
	if e := wantError(t, err, 2, retry.ReasonNotSelected); !same(e.Last, errOther) {
		t.Errorf("last error %v, want %v", e.Last, errOther)
	}
	_, err = retry.Do(t.Context(), policy, newCalls(errBusy, retry.Permanent(errBusy)).fn)
	if e := wantError(t, err, 2, retry.ReasonPermanent); !same(e.Last, errBusy) {
		t.Errorf("last error %#v, want it without its mark", e.Last)
	}
	if _, err = retry.Do(t.Context(), policy, newCalls(retry.Permanent(errBusy)).fn); !same(err, errBusy) {
		t.Errorf("got %#v, want the error itself", err)
	}
	for err, want := range map[error]bool{
		nil: false, errBusy: false, retry.Permanent(errBusy): true, fmt.Errorf("x: %w", retry.Permanent(errBusy)): true,
		errors.Join(errOther, retry.Permanent(errBusy)): true, &retry.Error{Last: errBusy, Reason: retry.ReasonPermanent}: false,
	} {
		if got := retry.IsPermanent(err); got != want {
			t.Errorf("IsPermanent(%v) is %v", err, got)
		}
	}
	if retry.Permanent(nil) != nil || retry.After(time.Second, nil) != nil {
		t.Error("a mark on no error makes one")
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	n := 0
	err := retry.Run(t.Context(), retry.Policy{Wait: retry.NoWait}, func(context.Context) error {
		if n++; n < 3 {
			return errBusy
		}
		return nil
	})
	if err != nil || n != 3 {
		t.Errorf("got %v after %d calls", err, n)
	}
}
