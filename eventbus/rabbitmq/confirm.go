package rabbitmq

import (
	"bytes"
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// settle takes the confirms that have arrived: those at the front of the window, or all, also those that overtook.
//
// The deferred confirmations of amqp091-go are used and not its list of confirms: that one reports a nack as an ack when
// a later, cumulative ack covers it, and keeps everything behind a message that is never confirmed.
//
// The return of a message comes before its confirm. So the confirms are looked at first, the returns taken then, and only
// after that anything is settled.
func (l *lane) settle(all bool) {
	seen := 0
	for ; seen < len(l.flights); seen++ {
		f := &l.flights[seen]
		if f.answered = isDone(f.confirm); !f.answered && !all {
			break
		}
	}
	l.takeReturns()
	open := l.flights[:0]
	for i := range l.flights {
		f := &l.flights[i]
		if i >= seen || !l.settled(f, all) {
			open = append(open, *f)
		}
	}
	clear(l.flights[len(open):])
	l.flights = open
}

func isDone(c *amqp.DeferredConfirmation) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

// settled ends a flight whose outcome is known, or whose caller has gone: a confirm that never comes must not take a place
// in the window for ever. A careful one stays all the same, alone, until it is answered or the channel dies: without it the
// next message would take the blame for the channel.
func (l *lane) settled(f *flight, all bool) bool {
	switch {
	case f.answered && f.confirm.Acked():
		if f.careful {
			l.known[f.exchange] = true
		}
		if f.returned {
			l.finish(f, fmt.Errorf("rabbitmq: %w", driver.ErrUnroutable))
			return true
		}
		l.finish(f, nil)
		return true
	case f.answered && !l.ch.IsClosed():
		l.finish(f, fmt.Errorf("rabbitmq: %w", driver.ErrRefused))
		return true
	case f.answered:
		// amqp091-go marks a channel as closed and then reports its pending confirms as nacks: this may be one of those.
		return false
	case all && !f.careful && f.batch.abandoned():
		l.load.Add(-1)
		return true
	}
	return false
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
	l.settle(true)
	if err != nil && err.Server && err.Recover { // the channel alone
		l.blame(err)
	}
	l.again = append(l.flights, l.again...)
	l.flights, l.ch, l.sess = nil, nil, nil
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
