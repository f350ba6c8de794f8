package retry

import (
	"context"
	"errors"
)

// A Match accepts errors; [Policy.On] and [Policy.Except] hold them. Any func(error) bool is one. It must be safe for
// concurrent use when its policy is used concurrently.
type Match func(error) bool

// Is accepts an error that is one of targets, by errors.Is.
func Is(targets ...error) Match {
	return func(err error) bool {
		for _, target := range targets {
			if errors.Is(err, target) {
				return true
			}
		}
		return false
	}
}

// As accepts an error that holds an E in its chain, by errors.As. E may be an interface, such as net.Error.
func As[E error]() Match {
	return func(err error) bool {
		_, ok := errors.AsType[E](err)
		return ok
	}
}

// selects tells whether err is retried; late says that the attempt ran into its AttemptTimeout.
func (p *Policy) selects(err error, late bool) bool {
	chosen := len(p.On) == 0 && (late || !isContextError(err))
	for _, accepts := range p.On {
		if chosen = accepts(err); chosen {
			break
		}
	}
	for _, excludes := range p.Except {
		if !chosen {
			break
		}
		chosen = !excludes(err)
	}
	return chosen
}

// isContextError looks for the two errors of contexts themselves. errors.Is would also find the time-outs of package
// net, which claim to be context.DeadlineExceeded and are what retries are made for.
func isContextError(err error) bool {
	for err != nil {
		if err == context.Canceled || err == context.DeadlineExceeded { //nolint:errorlint // see above
			return true
		}
		switch e := err.(type) { //nolint:errorlint // this is the walk along the chain
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				if isContextError(inner) {
					return true
				}
			}
			return false
		default:
			return false
		}
	}
	return false
}
