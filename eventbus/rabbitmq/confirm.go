package rabbitmq

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// settle takes the answers that have come. The return of a message comes before its answer, so the answers are taken first,
// the returns then, and only after that anything is settled.
//
// What amqp091-go says about confirms is not used: when a link breaks it reports what is pending as refused, and it reports a
// nack as an ack when a later, cumulative ack covers it.
func (l *lane) settle() {
	l.heard = l.line.take(l.heard)
	l.takeReturns()
	for _, a := range l.heard {
		l.note(a)
	}
	gone := l.sweep()
	if len(l.heard) == 0 && !gone {
		return
	}
	open := l.flights[:0]
	for i := range l.flights {
		if f := &l.flights[i]; !l.settled(f, gone) {
			open = append(open, *f)
		}
	}
	clear(l.flights[len(open):])
	l.flights = open
}

// sweep tells whether a caller has gone since the last call.
func (l *lane) sweep() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	left := l.left
	l.left = false
	return left
}

// note marks the flights that an answer is about.
func (l *lane) note(a answer) {
	if a.multiple {
		for i := range l.flights {
			f := &l.flights[i]
			if f.number > a.number && a.number != 0 { // 0 stands for all
				break
			}
			if !f.answered {
				f.answered, f.acked = true, a.acked
			}
		}
		return
	}
	i, ok := slices.BinarySearchFunc(l.flights, a.number, func(f flight, number uint64) int { return cmp.Compare(f.number, number) })
	if f := l.flights; ok && !f[i].answered {
		f[i].answered, f[i].acked = true, a.acked
	}
}

// settled ends a flight whose outcome is known, or whose caller has gone: an answer that never comes must not take a place
// in the window for ever. A careful one stays all the same, alone, until it is answered or the channel dies: without it the
// next message would take the blame for the channel.
func (l *lane) settled(f *flight, gone bool) bool {
	switch {
	case f.answered && !f.acked:
		l.finish(f, fmt.Errorf("rabbitmq: %w", driver.ErrRefused))
	case f.answered:
		if f.careful {
			l.known[f.exchange] = true
		}
		if f.returned {
			l.finish(f, fmt.Errorf("rabbitmq: %w", driver.ErrUnroutable))
		} else {
			l.finish(f, nil)
		}
	case gone && !f.careful && f.batch.abandoned():
		l.load.Add(-1)
	default:
		return false
	}
	return true
}

func (l *lane) finish(f *flight, err error) {
	l.load.Add(-1)
	f.batch.settle(f.index, err)
}

// takeReturns notes the messages that no queue took.
func (l *lane) takeReturns() {
	for {
		select {
		case r, ok := <-l.returns:
			l.noteReturn(&r, ok)
		default:
			return
		}
	}
}

// noteReturn finds the message that came back. A return does not name the delivery, so it is the first that looks like it;
// messages that look alike share their fate.
func (l *lane) noteReturn(r *amqp.Return, ok bool) {
	if !ok {
		l.returns = nil // closed with the channel
		return
	}
	for i := range l.flights {
		if f := &l.flights[i]; !f.returned && f.batch.looksLike(f.index, r) {
			f.returned = true
			return
		}
	}
}

func (b *batch) looksLike(i int, r *amqp.Return) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.messages == nil {
		return false
	}
	m := &b.messages[i]
	return m.Mandatory && m.ID == r.MessageId && m.RoutingKey == r.RoutingKey && m.Exchange == r.Exchange && bytes.Equal(m.Body, r.Body)
}

// down ends the work on a channel that is gone. What has no outcome is sent again.
func (l *lane) down(err *amqp.Error) {
	l.settle()
	if err != nil && err.Server && err.Recover && !l.sess.conn.IsClosed() { // the channel alone
		l.blame(err)
	}
	l.again = append(l.flights, l.again...)
	l.flights, l.ch, l.line, l.sess = nil, nil, nil, nil
}

// blame fails the message that has cost the channel, if it is known, and makes all others suspects.
func (l *lane) blame(err *amqp.Error) {
	if len(l.flights) == 1 && l.flights[0].careful {
		f := &l.flights[0]
		reason := driver.ErrRefused
		switch err.Code {
		case amqp.NotFound:
			reason = driver.ErrNotFound
		case amqp.AccessRefused:
			reason = driver.ErrDenied
		}
		failure := fmt.Errorf("rabbitmq: publish to the exchange %q: %w: %w", f.exchange, reason, err)
		if err.Code == amqp.NotFound {
			f.batch.miss(f.exchange, failure)
		}
		l.finish(f, failure)
		l.flights = nil
		return
	}
	for i := range l.flights {
		l.flights[i].careful = true
	}
}
