package retry

import (
	"fmt"
	"time"
)

// A Reason says why [Do] stopped.
type Reason string

// The reasons of [Error].
const (
	ReasonAttempts    Reason = "no attempts left"
	ReasonNotSelected Reason = "the policy does not retry this"
	ReasonPermanent   Reason = "permanent"
	ReasonContext     Reason = "the context has ended"
	ReasonDeadline    Reason = "the next attempt would start after the context's deadline"
	ReasonElapsed     Reason = "the next attempt would start after MaxElapsed"
	ReasonBudget      Reason = "the budget that calls share is spent"
	ReasonHint        Reason = "the error asks for a pause that is too long"
)

// An Error is how [Do] reports that it gave up. errors.Is and errors.As see the last error and, when the context was
// the reason, the context's error and its cause; context.DeadlineExceeded also where the deadline left no time for
// another attempt.
type Error struct {
	Attempts int    // calls that were made; 0 when the context had ended before the first
	Reason   Reason // why there is no further attempt
	Last     error  // error of the last attempt; nil when there was none

	// Elapsed is the time since the first call began, where the policy bounds time (MaxElapsed or AttemptTimeout).
	// With other policies it counts from the first pause, before which no clock is read.
	Elapsed time.Duration

	ctxErr, cause error
}

func (e *Error) Error() string {
	why := string(e.Reason)
	if e.cause != nil {
		why += ": " + e.cause.Error()
	}
	switch {
	case e.Last == nil:
		return "retry: no attempt made: " + why
	case e.Attempts == 1:
		return fmt.Sprintf("retry: 1 attempt (%s): %v", why, e.Last)
	default:
		return fmt.Sprintf("retry: %d attempts in %v (%s): %v", e.Attempts, e.Elapsed, why, e.Last)
	}
}

// Unwrap returns the last error, the context's error and its cause, as far as there are any.
func (e *Error) Unwrap() []error {
	errs := make([]error, 0, 3)
	for _, err := range [...]error{e.Last, e.ctxErr, e.cause} {
		if err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}
