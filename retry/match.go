package retry

import "errors"

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

// selects tells whether err is retried; byDefault is the answer of an empty On.
func (p *Policy) selects(err error, byDefault bool) bool {
	chosen := len(p.On) == 0 && byDefault
	for _, accepts := range p.On {
		if chosen = accepts(err); chosen {
			break
		}
	}
	if !chosen {
		return false
	}
	for _, excludes := range p.Except {
		if excludes(err) {
			return false
		}
	}
	return true
}
