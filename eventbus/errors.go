package eventbus

import (
	"errors"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Mistakes of the caller. They are found before anything reaches the broker and come wrapped in a text that says
// where and what would be right; compare with errors.Is.
var (
	// ErrDeclaration: an exchange or event was declared wrongly (empty, too long, taken or wildcard name).
	ErrDeclaration = errors.New("eventbus: wrong declaration")
	// ErrNoBroker: the broker is nil.
	ErrNoBroker = errors.New("eventbus: no broker")
	// ErrNoQueue: the queue has no name.
	ErrNoQueue = errors.New("eventbus: no queue name")
	// ErrNoRoutes: a consumer without a route, which would handle nothing.
	ErrNoRoutes = errors.New("eventbus: no routes")
	// ErrNoHandler: the handler of a route is nil.
	ErrNoHandler = errors.New("eventbus: no handler")
	// ErrDuplicateRoute: two routes take the same key of the same exchange.
	ErrDuplicateRoute = errors.New("eventbus: duplicate route")
	// ErrConfig: a number, duration or name of a config is out of its range (a negative prefetch, a delay of zero).
	ErrConfig = errors.New("eventbus: wrong config")
	// ErrNameTooLong: a name or routing key has more than 255 bytes, all that AMQP has room for.
	ErrNameTooLong = errors.New("eventbus: name of more than 255 bytes")
	// ErrPayload: the payload cannot be written as JSON.
	ErrPayload = errors.New("eventbus: payload cannot be encoded")
)

// Why a message could not be handled. No failure policy tries again: Requeue and Garbage put the message into the garbage
// queue, Drop drops it.
var (
	// ErrDecode: the body is not what the event says.
	ErrDecode = errors.New("eventbus: body cannot be decoded")
	// ErrUnrouted: no route of the consumer takes the message.
	ErrUnrouted = errors.New("eventbus: no route for the message")
)

// ErrNotDrained is returned by Consumer.Run when handlers did not end within the drain time. Their messages are
// delivered again.
var ErrNotDrained = errors.New("eventbus: handlers still running")

// Outcomes and states that brokers report. They come wrapped; compare with errors.Is.
var (
	ErrClosed       = driver.ErrClosed       // the broker was closed by this process
	ErrUnknown      = driver.ErrUnknown      // the outcome of a publish is not known; the message may have arrived
	ErrRefused      = driver.ErrRefused      // the broker did not take the message
	ErrUnroutable   = driver.ErrUnroutable   // no queue takes the mandatory message
	ErrBlocked      = driver.ErrBlocked      // the broker has blocked publishers for too long
	ErrUnavailable  = driver.ErrUnavailable  // there is no link to the broker at the moment
	ErrNotFound     = driver.ErrNotFound     // no such queue or exchange
	ErrPrecondition = driver.ErrPrecondition // something of that name exists with other properties
	ErrDenied       = driver.ErrDenied       // the user lacks the permission, or the credentials are wrong
	ErrLimit        = driver.ErrLimit        // a limit of the broker is reached, such as that of consumers on a connection
	ErrInvalid      = driver.ErrInvalid      // the message cannot be sent as it is
)

// A PublishError tells which messages of a Publish call were not confirmed. The others were.
type PublishError = driver.PublishError

const maxName = 255 // an AMQP short string
