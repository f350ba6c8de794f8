package retry

import (
	"errors"
	"time"
)

// Permanent marks err as one that calling again cannot mend: [Do] stops, whatever the policy selects. Do takes the mark
// off again, so that its caller sees err itself; a mark that was wrapped further stays in the chain.
// Permanent(nil) is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{err}
}

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

// IsPermanent tells whether err or an error in its chain bears the mark of [Permanent], for loops that are not a [Do].
// IsPermanent(nil) is false.
func IsPermanent(err error) bool {
	_, ok := errors.AsType[*permanentError](err)
	return ok
}

func unmark(err error) error {
	if e, ok := err.(*permanentError); ok { //nolint:errorlint // a mark deeper in the chain cannot be taken off
		return e.err
	}
	return err
}

// After makes err ask for a pause of d in place of the policy's. [Do] waits exactly that long, or stops at once when that
// is longer than Policy.MaxWait or would end beyond Policy.MaxElapsed or the context's deadline. It does not make err one
// that is retried: the policy decides that. Any error with a method RetryAfter() (time.Duration, bool) in its chain asks
// in the same way. After(d, nil) is nil.
func After(d time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &afterError{d, err}
}

type afterError struct {
	d   time.Duration
	err error
}

func (e *afterError) Error() string                     { return e.err.Error() }
func (e *afterError) Unwrap() error                     { return e.err }
func (e *afterError) RetryAfter() (time.Duration, bool) { return e.d, true }
