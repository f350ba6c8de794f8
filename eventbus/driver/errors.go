package driver

import (
	"errors"
	"fmt"
	"strings"
)

// The outcomes and states that adapters report. They come wrapped; compare with errors.Is.
var (
	// ErrClosed: the broker or subscription was closed by this process.
	ErrClosed = errors.New("eventbus: closed")
	// ErrUnknown: the link broke, or the context ended, before the broker said what became of the message.
	// It may have arrived.
	ErrUnknown = errors.New("eventbus: outcome unknown")
	// ErrRefused: the broker said no (basic.nack). The message was not taken.
	ErrRefused = errors.New("eventbus: refused by the broker")
	// ErrUnroutable: no queue takes the mandatory message.
	ErrUnroutable = errors.New("eventbus: no queue takes the message")
	// ErrBlocked: the broker has blocked publishers (memory or disk alarm) for longer than the configured timeout.
	ErrBlocked = errors.New("eventbus: publishing is blocked by the broker")
	// ErrUnavailable: there is no link to the broker at the moment.
	ErrUnavailable = errors.New("eventbus: no connection to the broker")
	// ErrNotFound: there is no such queue or exchange.
	ErrNotFound = errors.New("eventbus: not found")
	// ErrPrecondition: something of that name exists with other properties.
	ErrPrecondition = errors.New("eventbus: exists with other properties")
	// ErrDenied: the user lacks the permission, or the credentials are wrong.
	ErrDenied = errors.New("eventbus: access refused")
	// ErrLimit: a limit of the broker is reached, such as that of the channels on a connection. Waiting does not help.
	ErrLimit = errors.New("eventbus: limit of the broker reached")
	// ErrStale: the delivery belongs to a link that was lost; the broker delivers it again.
	ErrStale = errors.New("eventbus: delivery of a lost connection")
	// ErrInvalid: the message or topology cannot be sent as it is (a name over 255 bytes, a header of a foreign type).
	ErrInvalid = errors.New("eventbus: invalid")
)

// A PublishError tells which messages of a Publish call were not confirmed. The others were.
// errors.Is and errors.As see the error of every failed message.
type PublishError struct {
	Total  int // messages in the call
	Failed []FailedMessage
}

// A FailedMessage is one message of a Publish call that was not confirmed.
type FailedMessage struct {
	Index int // position in the call
	Err   error
}

func (e *PublishError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "eventbus: %d of %d messages not confirmed", len(e.Failed), e.Total)
	if len(e.Failed) > 0 {
		fmt.Fprintf(&b, "; message %d: %v", e.Failed[0].Index, e.Failed[0].Err)
	}
	return b.String()
}

// Unwrap returns the errors of all failed messages.
func (e *PublishError) Unwrap() []error {
	errs := make([]error, len(e.Failed))
	for i, f := range e.Failed {
		errs[i] = f.Err
	}
	return errs
}
