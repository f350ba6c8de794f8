package eventbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/retry"
)

// A failure is a message whose handling failed.
type failure struct {
	delivery *driver.Delivery // as it came
	view     *Delivery        // as the handler saw it
	history  history
	cause
}

// A cause is what there is to know about the error of a handler. The methods of the error are code of the handler's side
// that may panic, so they are called here and not again.
type cause struct {
	text      string
	stack     []byte // of a panic
	permanent bool   // handling the message again cannot help
}

func causeOf(err error) (c cause) {
	defer func() {
		if v := recover(); v != nil {
			p := newPanicError(v)
			c = cause{text: p.Error(), stack: p.Stack}
		}
	}()
	c.text = err.Error()
	c.permanent = errors.Is(err, ErrDecode) || errors.Is(err, ErrUnrouted) || retry.IsPermanent(err)
	if p, ok := errors.AsType[*PanicError](err); ok {
		c.stack = p.Stack
	}
	return c
}

func (f *failure) log(r *run, level slog.Level, text string, more ...slog.Attr) {
	attrs := append(f.view.attrs(), slog.String("error", f.text))
	if f.stack != nil {
		attrs = append(attrs, slog.String("stack", string(f.stack)))
	}
	r.log.LogAttrs(r.handlers, level, text, append(attrs, more...)...)
}

func (p Requeue) settle(r *run, f *failure) {
	if f.permanent {
		p.garbage().settle(r, f)
		return
	}
	pause := cmp.Or(p.Pause, defaultPause)
	f.log(r, slog.LevelWarn, "eventbus: message failed, goes back into its queue", slog.Duration("pause", pause))
	r.requeueAfter(f.delivery.Tag, pause)
}

func (Drop) settle(r *run, f *failure) {
	f.log(r, slog.LevelError, "eventbus: message failed, dropped")
	r.nack(f.delivery.Tag, false)
}

func (p Garbage) settle(r *run, f *failure) {
	m := failedCopy(f.delivery.Message, f.history, f.text, time.Now())
	level, text := slog.LevelError, "eventbus: message failed, stored in the garbage queue"
	if delay, ok := p.delay(f); ok {
		level, text = slog.LevelWarn, "eventbus: message failed, is tried again after "+delay.String()
		m.Exchange, m.RoutingKey = p.pre(r.cfg.Queue), delayName(r.cfg.Queue, delay)
	} else {
		m.Exchange, m.RoutingKey = p.post(r.cfg.Queue), garbageName(r.cfg.Queue)
		if p.ErrorInBody {
			m.Body = withError(m.Body, errorText(f.text))
		}
	}
	if err := r.keep(m, f.delivery.Body); err != nil {
		f.log(r, slog.LevelError, "eventbus: message failed and cannot be put away, it comes again", slog.Any("cause", err))
		r.requeueAfter(f.delivery.Tag, again.MaxWait) // it stays in hand until then, and others go on
		return
	}
	f.log(r, level, text)
	r.ack(f.delivery.Tag)
}

// delay returns the pause before the next attempt, when there is to be one.
func (p Garbage) delay(f *failure) (time.Duration, bool) {
	step := f.history.attempts - f.history.replayed
	if step >= len(p.After) || f.permanent {
		return 0, false
	}
	return p.After[step], true
}

// A copy that the broker refuses so often is given up for now: its message goes back into its queue.
const refusals = 5

// keep publishes the copy of a failed message until it is confirmed, refused for good or the run is over. body is the one that
// it came with.
func (r *run) keep(m driver.Message, body []byte) error {
	policy := again
	policy.BeforeWait = func(ctx context.Context, f retry.Failure) {
		r.log.WarnContext(ctx, "eventbus: cannot put a failed message away, trying again",
			slog.String("queue", r.cfg.Queue), slog.Any("error", f.Err), slog.Duration("pause", f.Wait))
	}
	batch := []driver.Message{m}
	refused := 0
	return retry.Run(r.handlers, policy, func(ctx context.Context) error {
		err := r.broker.Publish(ctx, batch)
		switch {
		case errors.Is(err, ErrClosed):
			return retry.Permanent(err)
		case errors.Is(err, ErrInvalid) && batch[0].Headers != nil:
			// A peer's header that can be read but not sent must not cost the message.
			batch[0].Headers = ownHeaders(batch[0].Headers)
		case errors.Is(err, ErrRefused):
			// The error in the body may have made it longer than the broker takes.
			batch[0].Body = body
			if refused++; refused == refusals {
				return retry.Permanent(err)
			}
		case errors.Is(err, ErrUnroutable), errors.Is(err, ErrNotFound):
			// Somebody deleted what we had declared.
			if derr := r.broker.Declare(ctx, r.topology()); derr != nil {
				return fmt.Errorf("%w; declare: %w", err, derr)
			}
		}
		return err
	})
}

// ownHeaders leaves the headers that say what happened.
func ownHeaders(headers map[string]any) map[string]any {
	own := make(map[string]any)
	for _, name := range []string{HeaderError, HeaderAttempts, HeaderFailedAt, HeaderExchange, HeaderRoutingKey, HeaderReplayed} {
		if v, ok := headers[name]; ok {
			own[name] = v
		}
	}
	return own
}
