package retry

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// Forever as [Policy.Attempts] sets no limit to the number of attempts.
const Forever = math.MaxInt

// NoWait as [Policy.Wait] calls again without a pause; zero would mean the default pause.
const NoWait time.Duration = math.MinInt64

const (
	defaultAttempts = 3
	defaultWait     = 500 * time.Millisecond
	defaultBackoff  = 2
)

// A Policy says how often and when a function is called again. It is a plain value: copy it, change a field, share it
// between goroutines. The zero value means 3 attempts with pauses of 0.5 s and 1 s.
//
// A value that makes no sense, such as a negative number, comes back from [Do] as a [*PolicyError] before the first call.
type Policy struct {
	// Attempts limits the calls, the first included. 0 means 3; [Forever] sets no limit.
	Attempts int

	// Wait is the pause before the second call. 0 means 500 ms; [NoWait] means none, before any call.
	Wait time.Duration

	// Backoff multiplies the pause before each further call. 0 means 2; 1 keeps the pause as it is; less than 1 shrinks it.
	Backoff float64

	// MaxWait caps a pause. 0 means no cap. An error that asks for a longer pause ends the retries.
	MaxWait time.Duration

	// Jitter is the share of each pause that is left to chance, from 0 (none, the default) to 1: the pause lies between
	// (1-Jitter) times its length and its length. It is applied below the cap and never to a pause that an error asks for.
	Jitter float64

	// MaxElapsed bounds the time from the first call to the start of the last. 0 means no bound. A running attempt is
	// not cut short: that is what AttemptTimeout and the context are for.
	MaxElapsed time.Duration

	// AttemptTimeout bounds each attempt through its context. 0 means no bound. With nothing in On, an attempt that ran
	// into it, or that a Do within ended early because of it, is retried; otherwise On decides, for example with Is(context.DeadlineExceeded).
	AttemptTimeout time.Duration

	// On selects the errors that are retried: those that one of the matches accepts. Empty means every error but those
	// of contexts. [Permanent] wins over On.
	On []Match

	// Except excludes errors from what On selects.
	Except []Match

	// Budget, when set, is shared by the calls that draw on it and bounds their further attempts together. It bounds all
	// policies that point to it, and Attempts still bounds each call.
	Budget *Budget

	// BeforeWait, when set, is called before each pause, also one of zero length, and not after the last attempt.
	// It is called on the goroutine of [Do], and concurrently when the policy is used concurrently.
	BeforeWait func(ctx context.Context, f Failure)
}

// A Failure is what [Policy.BeforeWait] is told about the attempt that has just failed.
type Failure struct {
	Attempt int           // its number, from 1
	Err     error         // what the function returned
	Wait    time.Duration // the pause that follows
}

// Pause returns how long the policy waits after so many failures in a row, the first being 1: growing, capped and with
// jitter drawn anew on each call. It is meant for loops that wait in a select of their own and reset the count after a
// success; [Do] waits by itself. Less than one failure waits for nothing. The policy is not checked: what [Do] refuses
// gives a pause that is never negative and means nothing.
func (p Policy) Pause(failures int) time.Duration {
	return p.pause(failures)
}

func (p *Policy) pause(failures int) time.Duration {
	if failures < 1 || p.Wait == NoWait {
		return 0
	}
	wait := float64(p.Wait)
	if p.Wait == 0 {
		wait = float64(defaultWait)
	}
	if failures > 1 {
		backoff := p.Backoff
		if backoff == 0 {
			backoff = defaultBackoff
		}
		wait *= math.Pow(backoff, float64(failures-1))
	}
	limit := time.Duration(math.MaxInt64)
	if p.MaxWait > 0 {
		limit = p.MaxWait
	}
	pause := limit
	if wait < float64(limit) { // else it may not fit a Duration
		pause = time.Duration(wait)
	}
	if p.Jitter > 0 {
		pause -= time.Duration(p.Jitter * rand.Float64() * float64(pause))
	}
	return max(pause, 0)
}

func (p *Policy) attempts() int {
	if p.Attempts == 0 {
		return defaultAttempts
	}
	return p.Attempts
}

// check is on the path of a first attempt that succeeds: it makes its texts elsewhere.
func (p *Policy) check() error {
	if p.Attempts < 0 || p.Wait < 0 && p.Wait != NoWait || !(p.Backoff >= 0 && p.Backoff <= math.MaxFloat64) ||
		p.MaxWait < 0 || !(p.Jitter >= 0 && p.Jitter <= 1) || p.MaxElapsed < 0 || p.AttemptTimeout < 0 {
		return p.refuse()
	}
	for _, m := range p.On {
		if m == nil {
			return &PolicyError{"On", "holds a nil Match"}
		}
	}
	for _, m := range p.Except {
		if m == nil {
			return &PolicyError{"Except", "holds a nil Match"}
		}
	}
	if p.Budget != nil {
		return p.Budget.check()
	}
	return nil
}

func (p *Policy) refuse() error {
	switch {
	case p.Attempts < 0:
		return &PolicyError{"Attempts", fmt.Sprintf("is %d: want 1 or more, 0 for the default of %d, or retry.Forever", p.Attempts, defaultAttempts)}
	case p.Wait < 0 && p.Wait != NoWait:
		return &PolicyError{"Wait", fmt.Sprintf("is %v: want a positive duration, 0 for the default of %v, or retry.NoWait", p.Wait, defaultWait)}
	case !(p.Backoff >= 0 && p.Backoff <= math.MaxFloat64):
		return &PolicyError{"Backoff", fmt.Sprintf("is %v: want a positive number, or 0 for the default of %d", p.Backoff, defaultBackoff)}
	case p.MaxWait < 0:
		return &PolicyError{"MaxWait", fmt.Sprintf("is %v: want a positive duration, or 0 for no cap", p.MaxWait)}
	case !(p.Jitter >= 0 && p.Jitter <= 1):
		return &PolicyError{"Jitter", fmt.Sprintf("is %v: want a share from 0 to 1", p.Jitter)}
	case p.MaxElapsed < 0:
		return &PolicyError{"MaxElapsed", fmt.Sprintf("is %v: want a positive duration, or 0 for no bound", p.MaxElapsed)}
	default:
		return &PolicyError{"AttemptTimeout", fmt.Sprintf("is %v: want a positive duration, or 0 for no bound", p.AttemptTimeout)}
	}
}

// A PolicyError says which field of a [Policy] makes no sense. [Do] returns it before the first call.
type PolicyError struct {
	Field   string // name of the field of Policy
	Problem string // what it is and what would be right
}

func (e *PolicyError) Error() string { return "retry: Policy." + e.Field + " " + e.Problem }
