package retry

import (
	"context"
	"time"
)

// A chain is what an error and those that it wraps say about another attempt.
type chain struct {
	permanent bool   // one bears the mark of Permanent
	context   bool   // one is an error of contexts themselves
	hinter    hinter // the first one that can ask for a pause
}

type hinter interface{ RetryAfter() (time.Duration, bool) }

// read finds in one walk what errors.As would be asked for three times: it is on the path between two attempts.
func (c *chain) read(err error) {
	for err != nil {
		// errors.Is would also find the time-outs of package net, which claim to be context.DeadlineExceeded and are
		// what retries are made for.
		if err == context.Canceled || err == context.DeadlineExceeded { //nolint:errorlint // see above
			c.context = true
			return
		}
		switch e := err.(type) { //nolint:errorlint // this is the walk along the chain
		case *permanentError:
			c.permanent = true
		case *Error:
			if e.Reason == ReasonDeadline { // a Do within that gave up in time: no context has ended
				err = e.Last
				continue
			}
		case *afterError:
			c.ask(e)
		case interface{ As(target any) bool }:
			c.readAs(err, e.As)
		case hinter:
			c.ask(e)
		}
		switch e := err.(type) { //nolint:errorlint // likewise
		case interface{ Unwrap() error }:
			err = e.Unwrap()
		case interface{ Unwrap() []error }:
			for _, inner := range e.Unwrap() {
				c.read(inner)
			}
			return
		default:
			return
		}
	}
}

// readAs looks for what err is or, like errors.As, says to be by its method As.
func (c *chain) readAs(err error, as func(any) bool) {
	if h, ok := err.(hinter); ok || as(&h) {
		c.ask(h)
	}
	var p *permanentError
	c.permanent = as(&p) || c.permanent
}

func (c *chain) ask(h hinter) {
	if c.hinter == nil {
		c.hinter = h
	}
}

// hint returns the pause that the error asks for.
func (c *chain) hint() (time.Duration, bool) {
	if c.hinter == nil {
		return 0, false
	}
	d, ok := c.hinter.RetryAfter()
	return max(d, 0), ok
}
