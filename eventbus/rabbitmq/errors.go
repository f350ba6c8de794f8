package rabbitmq

import (
	"errors"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// errClosed is what everything returns after Close.
var errClosed = fmt.Errorf("rabbitmq: %w", driver.ErrClosed)

// reply returns what the broker itself said. Errors that amqp091-go makes up, such as "username or password not allowed"
// for every link that breaks during the handshake, are none.
func reply(err error) (*amqp.Error, bool) {
	e, ok := errors.AsType[*amqp.Error](err)
	return e, ok && e.Server
}

// kind maps a reply to the error of the seam; what is no reply is a lost link, or a channel too many.
func kind(err error) error {
	e, ok := reply(err)
	switch {
	case errors.Is(err, amqp.ErrChannelMax):
		return driver.ErrLimit
	case !ok:
		return driver.ErrUnavailable
	}
	switch e.Code {
	case amqp.AccessRefused, amqp.NotAllowed, amqp.ResourceLocked:
		return driver.ErrDenied
	case amqp.NotFound:
		return driver.ErrNotFound
	case amqp.PreconditionFailed:
		return driver.ErrPrecondition
	case amqp.ConnectionForced, amqp.InternalError:
		return driver.ErrUnavailable
	default:
		return driver.ErrInvalid
	}
}

// wrap says what was tried, the kind of the failure and the broker's words.
func wrap(err error, format string, args ...any) error {
	return fmt.Errorf("rabbitmq: %s: %w: %w", fmt.Sprintf(format, args...), kind(err), err)
}

// isLocked reports a queue that is exclusive to another connection. After a lost link that may be our own old one,
// which the broker has not missed yet.
func isLocked(err error) bool {
	e, ok := reply(err)
	return ok && e.Code == amqp.ResourceLocked
}

// isTransient tells whether the same call may succeed on another link, or later.
func isTransient(err error) bool {
	return errors.Is(err, driver.ErrUnavailable) || isLocked(err)
}
