package eventbus

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"
)

// Timeout ends the context of a handler after d. The message fails when the handler returns the context's error. A d that
// is not positive panics.
func Timeout(d time.Duration) Middleware {
	if d <= 0 {
		panic(fmt.Sprintf("eventbus: Timeout(%v): no handler could do anything; give a positive duration", d))
	}
	return func(next Handler) Handler {
		return func(ctx context.Context, delivery Delivery) error {
			ctx, cancel := context.WithTimeout(ctx, d)
			defer cancel()
			return next(ctx, delivery)
		}
	}
}

// Log writes a line at Info for every message that was handled, with its duration. Failed messages are logged by the
// consumer in any case.
func Log(l *slog.Logger) Middleware {
	l = loggerOr(l)
	return func(next Handler) Handler {
		return func(ctx context.Context, d Delivery) error {
			start := time.Now()
			err := next(ctx, d)
			if err == nil {
				l.LogAttrs(ctx, slog.LevelInfo, "eventbus: handled", append(d.attrs(), slog.Duration("took", time.Since(start)))...)
			}
			return err
		}
	}
}

// attrs name the message in a log line. The body is never logged.
func (d *Delivery) attrs() []slog.Attr {
	return []slog.Attr{
		slog.String("queue", d.Queue), slog.String("exchange", d.Exchange), slog.String("routing_key", d.RoutingKey),
		slog.String("message_id", d.ID), slog.Int("attempt", d.Attempt),
	}
}

// A PanicError is a panic of a handler, or of the Error method of what it returned. errors.Is and errors.As see the value when it is an error.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// Unwrap returns the value of the panic when it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

func newPanicError(v any) *PanicError { return &PanicError{Value: v, Stack: debug.Stack()} }

// recovering makes errors of the panics of h, and of an error that panics when it is asked for its text, as a nil pointer
// in an error often does.
func recovering(h Handler) Handler {
	return func(ctx context.Context, d Delivery) (err error) {
		defer func() {
			if v := recover(); v != nil {
				err = newPanicError(v)
			}
		}()
		if err = h(ctx, d); err != nil {
			_ = err.Error()
		}
		return err
	}
}

// chain puts the middleware around h. Panics are recovered inside, so that middleware sees them as errors, and outside,
// for its own.
func chain(h Handler, middleware []Middleware) Handler {
	h = recovering(h)
	if len(middleware) == 0 {
		return h
	}
	for _, m := range slices.Backward(middleware) {
		h = m(h)
	}
	return recovering(h)
}
