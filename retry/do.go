package retry

import (
	"context"
	"errors"
	"time"
)

// Do calls fn until it succeeds, fails on something that the policy does not retry, or the policy or the context ends it.
// It returns what the last call returned, and as error:
//
//   - nil when that call succeeded, even if the context has ended meanwhile;
//   - the error itself when the first attempt failed on something that is not retried, without the mark of [Permanent];
//   - an [*Error] in all other cases;
//   - a [*PolicyError] when the policy makes no sense; fn was not called then.
//
// fn is called on the goroutine of Do, with ctx or, under Policy.AttemptTimeout, a context below it. A panic of fn is
// not held up.
func Do[T any](ctx context.Context, policy Policy, fn func(ctx context.Context) (T, error)) (T, error) {
	if err := policy.check(); err != nil {
		var none T
		return none, err
	}
	if ctx.Err() != nil {
		var none T
		return none, (&run{}).stop(ctx, ReasonContext, nil)
	}
	if policy.Budget != nil {
		policy.Budget.earn()
	}
	var r run
	if policy.MaxElapsed > 0 || policy.AttemptTimeout > 0 {
		r.start = time.Now()
	}
	for {
		var (
			v    T
			err  error
			late bool
		)
		if policy.AttemptTimeout > 0 {
			v, late, err = callWithin(ctx, policy.AttemptTimeout, fn)
		} else {
			v, err = fn(ctx)
		}
		if err == nil {
			return v, nil
		}
		if err = r.failed(ctx, &policy, err, late); err != nil {
			return v, err
		}
	}
}

// Run is [Do] for a function that has no result but its error.
func Run(ctx context.Context, policy Policy, fn func(ctx context.Context) error) error {
	_, err := Do(ctx, policy, func(ctx context.Context) (struct{}, error) { return struct{}{}, fn(ctx) })
	return err
}

// callWithin makes an attempt, and reports as late one that ended when its time was over.
func callWithin[T any](ctx context.Context, d time.Duration, fn func(context.Context) (T, error)) (v T, late bool, err error) {
	attempt, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	v, err = fn(attempt)
	return v, attempt.Err() != nil, err
}

// A run is the state of one Do.
type run struct {
	start    time.Time
	attempts int
}

// failed takes in the error of an attempt and waits. Nil says that it is time for the next attempt; any other error is
// the outcome of Do.
func (r *run) failed(ctx context.Context, p *Policy, err error, late bool) error {
	r.attempts++
	var says chain
	says.read(err)
	if says.permanent {
		return r.stop(ctx, ReasonPermanent, unmark(err))
	}
	selected := p.selects(err, late || !says.context)
	if ctx.Err() != nil && (selected || endedBy(ctx, err)) {
		return r.stop(ctx, ReasonContext, err)
	}
	if !selected {
		return r.stop(ctx, ReasonNotSelected, err)
	}
	if r.attempts >= p.attempts() {
		return r.stop(ctx, ReasonAttempts, err)
	}
	wait, hinted := says.hint()
	if !hinted {
		wait = p.pause(r.attempts)
	}
	if wait > 0 || p.MaxElapsed > 0 {
		if reason := r.tooLong(ctx, p, wait, hinted); reason != "" {
			return r.stop(ctx, reason, err)
		}
	}
	if p.Budget != nil && !p.Budget.pay() {
		return r.stop(ctx, ReasonBudget, err)
	}
	if p.BeforeWait != nil {
		p.BeforeWait(ctx, Failure{Attempt: r.attempts, Err: err, Wait: wait})
	} else if wait == 0 {
		return nil // the context was looked at just now
	}
	if wait > 0 {
		if r.start.IsZero() {
			r.start = time.Now()
		}
		sleep(ctx, wait)
	}
	if ctx.Err() != nil {
		if p.Budget != nil {
			p.Budget.refund()
		}
		return r.stop(ctx, ReasonContext, err)
	}
	return nil
}

// tooLong returns the reason not to begin a pause, empty when there is none.
func (r *run) tooLong(ctx context.Context, p *Policy, wait time.Duration, hinted bool) Reason {
	var reason Reason
	if p.MaxElapsed > 0 && wait > p.MaxElapsed-time.Since(r.start) {
		reason = ReasonElapsed
	}
	if hinted && p.MaxWait > 0 && wait > p.MaxWait {
		reason = ReasonHint
	}
	if wait > 0 {
		if end, ok := ctx.Deadline(); ok && wait >= time.Until(end) {
			reason = ReasonDeadline
		}
	}
	return reason
}

func (r *run) stop(ctx context.Context, reason Reason, last error) error {
	if r.attempts == 1 && (reason == ReasonNotSelected || reason == ReasonPermanent) {
		return last
	}
	e := &Error{Attempts: r.attempts, Reason: reason, Last: last}
	if !r.start.IsZero() {
		e.Elapsed = time.Since(r.start)
	}
	switch reason {
	case ReasonContext:
		e.ctxErr, e.cause = ctx.Err(), context.Cause(ctx)
	case ReasonDeadline:
		e.ctxErr = context.DeadlineExceeded
	}
	return e
}

// endedBy tells whether err says that ctx has ended.
func endedBy(ctx context.Context, err error) bool {
	return errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx))
}

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
