package rabbitmq

import (
	"sync/atomic"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A lane publishes on one channel. Its goroutine alone uses the channel; callers hand it batches and wait.
//
// AMQP punishes a mistake in one message (no such exchange, no permission) by closing the channel with everything on it,
// and does not say which message it was. So a message is careful, which means alone on the channel, when its exchange has not
// yet taken one on this channel, and after it went down with the channel. A channel that dies under a careful message
// names the culprit; everything else is sent again.
type lane struct {
	link   *link
	user   string
	window int
	stop   <-chan struct{}
	in     chan *batch
	load   atomic.Int64 // messages that were handed over and are not settled

	// All below belongs to run.
	sess    *session
	ch      *amqp.Channel
	closed  chan *amqp.Error
	returns chan amqp.Return
	known   map[string]bool // exchanges that have taken a message on this channel
	flights []flight        // sent and not settled, in order
	again   []flight        // to be sent again, in order
	current *batch          // being sent
	next    int             // the message of current to send next
}

// A flight is a message that was sent.
type flight struct {
	batch    *batch
	index    int
	confirm  *amqp.DeferredConfirmation
	exchange string // of a careful message
	careful  bool
	returned bool
	answered bool // by the broker, or by amqp091-go when the channel went down
}

// How long a confirm that overtook an earlier one may wait to be noticed.
const stragglerInterval = 5 * time.Millisecond

const reopenInterval = time.Second

func (l *lane) run() {
	stragglers := time.NewTicker(stragglerInterval)
	defer stragglers.Stop()
	for l.open() {
		l.work(stragglers.C)
	}
}

// open waits for a connection and opens a channel on it. False means that the lane has to stop.
func (l *lane) open() bool {
	for {
		sess, changed, _ := l.link.now()
		if sess != nil && l.openOn(sess) == nil {
			return true
		}
		var lost <-chan struct{}
		if sess != nil {
			lost, changed = sess.lost, nil
		}
		select {
		case <-changed:
		case <-lost:
		case <-time.After(reopenInterval): // the connection is fine and gave no channel: it may have too many
		case <-l.stop:
			return false
		}
	}
}

func (l *lane) openOn(sess *session) error {
	ch, err := sess.conn.Channel()
	if err != nil {
		return err
	}
	if err := ch.Confirm(false); err != nil {
		_ = ch.Close()
		return err
	}
	l.sess, l.ch, l.known = sess, ch, make(map[string]bool)
	l.closed = ch.NotifyClose(make(chan *amqp.Error, 1))
	l.returns = ch.NotifyReturn(make(chan amqp.Return, l.window))
	return nil
}

// work sends and settles until the channel or the lane ends.
func (l *lane) work(stragglers <-chan time.Time) {
	for {
		var wait waits
		if more, obstacle := l.fill(); more {
			wait.obstacle = obstacle
		} else {
			wait.in = l.in
		}
		if len(l.flights) > 0 {
			wait.first = l.flights[0].confirm.Done()
			wait.tick = stragglers
		}
		select {
		case b := <-wait.in:
			l.current, l.next = b, 0
		case <-wait.first:
			l.settle(false)
		case <-wait.tick:
			l.settle(true)
		case r, ok := <-l.returns:
			l.noteReturn(&r, ok)
		case <-wait.obstacle:
		case err := <-l.closed:
			l.down(err)
			return
		case <-l.stop:
			return
		}
	}
}

// waits are the channels that matter at the moment; a nil one is never ready.
type waits struct {
	in       <-chan *batch
	first    <-chan struct{}
	tick     <-chan time.Time
	obstacle <-chan struct{}
}

// fill sends as much as the window takes. It returns whether something is left that could not be sent, and where confirms
// are not what it waits for, a channel that is closed when the obstacle is gone.
func (l *lane) fill() (more bool, obstacle <-chan struct{}) {
	for {
		if blockade := l.link.blocked.Load(); blockade.on {
			return true, blockade.over
		}
		if room := l.sess.wire.noRoom(); room != nil {
			return true, room
		}
		f, ok := l.upcoming()
		if !ok {
			return false, nil
		}
		if len(l.flights) >= l.window || len(l.flights) > 0 && l.flights[0].careful {
			return true, nil
		}
		verdict, err := l.send(&f)
		if verdict == later {
			return true, nil // the answers to others, or the end of the channel, come first
		}
		l.taken()
		if verdict == never { // only now, for the batch is its caller's again when its last message is settled
			l.finish(&f, err)
		}
	}
}

// upcoming returns the message to send next.
func (l *lane) upcoming() (flight, bool) {
	for {
		if len(l.again) > 0 {
			return l.again[0], true
		}
		if l.current != nil {
			return flight{batch: l.current, index: l.next}, true
		}
		select {
		case b := <-l.in:
			l.current, l.next = b, 0
		default:
			return flight{}, false
		}
	}
}

// taken removes what upcoming returned.
func (l *lane) taken() {
	if len(l.again) > 0 {
		l.again = l.again[1:]
		return
	}
	if l.next++; l.next == len(l.current.progress) {
		l.current = nil
	}
}

// A verdict is what has become of a message that was to be sent.
type verdict int

const (
	sent  verdict = iota // or its caller has gone
	later                // it has to wait
	never                // it has failed
)

// send puts a message on the wire. The batch stays locked meanwhile, so that its caller cannot leave, and reuse the body, in
// between; a write to the wire does not wait.
func (l *lane) send(f *flight) (verdict, error) {
	b := f.batch
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.messages == nil {
		l.load.Add(-1)
		return sent, nil
	}
	m := &b.messages[f.index]
	if missing := b.missing[m.Exchange]; missing != nil {
		return never, missing
	}
	if f.careful = f.careful || !l.known[m.Exchange] || m.UserID != "" && m.UserID != l.user; f.careful {
		if len(l.flights) > 0 {
			return later, nil
		}
		f.exchange = m.Exchange
	}
	b.progress[f.index].sent = true
	var err error
	f.confirm, err = l.ch.PublishWithDeferredConfirm(m.Exchange, m.RoutingKey, m.Mandatory, false, publishing(m, b.headersOf(f.index)))
	switch {
	case err == nil:
		f.returned, f.answered = false, false
		l.flights = append(l.flights, *f)
		return sent, nil
	case l.ch.IsClosed() || !l.sess.alive():
		return later, nil // on another channel
	default:
		return never, invalid("%v", err) // amqp091-go does not take it
	}
}
