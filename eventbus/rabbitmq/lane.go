package rabbitmq

import (
	"runtime"
	"slices"
	"sync"
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
	load   atomic.Int64  // messages that were handed over and are not settled
	bell   chan struct{} // holds a token when there may be something to do

	mu    sync.Mutex
	inbox []*batch // handed over, in order
	left  bool     // a caller has gone whose messages the goroutine has taken

	// All below belongs to run.
	sess    *session
	ch      *amqp.Channel
	line    *line
	closed  chan *amqp.Error
	returns chan amqp.Return
	known   map[string]bool // exchanges that have taken a message on this channel
	flights []flight        // sent and not settled, in order
	again   []flight        // to be sent again, in order
	queue   []*batch        // taken from the inbox
	current *batch          // being sent
	next    int             // the message of current to send next
	heard   []answer        // by the latest settle; kept for its memory
}

// A flight is a message that was sent.
type flight struct {
	batch    *batch
	index    int
	number   uint64 // on the line
	exchange string // of a careful message
	careful  bool
	returned bool
	answered bool
	acked    bool
}

const reopenInterval = time.Second

func newLane(l *link, s *settings, stop <-chan struct{}) *lane {
	return &lane{link: l, user: s.user, window: s.window, stop: stop, bell: make(chan struct{}, 1)}
}

// hand gives the batch to the lane, which settles it unless the caller abandons it.
func (l *lane) hand(b *batch) {
	l.load.Add(int64(len(b.progress)))
	l.mu.Lock()
	l.inbox = append(l.inbox, b)
	l.mu.Unlock()
	l.ring()
}

// abandon ends the batch for its caller and returns what has become of it.
func (l *lane) abandon(b *batch, cause error) error {
	err := b.abandon(cause)
	l.mu.Lock()
	if i := slices.Index(l.inbox, b); i >= 0 {
		l.inbox = slices.Delete(l.inbox, i, i+1)
		l.load.Add(-int64(len(b.progress)))
	} else {
		l.left = true
	}
	l.mu.Unlock()
	l.ring()
	return err
}

func (l *lane) ring() {
	select {
	case l.bell <- struct{}{}:
	default:
	}
}

func (l *lane) run() {
	for l.open() {
		l.work()
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
	line, err := sess.openLine(ch, l.ring)
	if err != nil {
		_ = ch.Close()
		return err
	}
	l.sess, l.ch, l.line, l.known = sess, ch, line, make(map[string]bool)
	l.closed = ch.NotifyClose(make(chan *amqp.Error, 1))
	l.returns = ch.NotifyReturn(make(chan amqp.Return, l.window))
	return nil
}

// work sends and settles until the channel or the lane ends.
func (l *lane) work() {
	for {
		before := l.line.last
		obstacle := l.fill()
		if l.line.last != before {
			l.sess.wire.kick()
		}
		select {
		case <-l.bell:
			if l.load.Load() > 1 {
				runtime.Gosched() // others have more to send, or are about to
			}
		case r, ok := <-l.returns:
			l.noteReturn(&r, ok)
		case <-obstacle:
		case err := <-l.closed:
			l.down(err)
			return
		case <-l.stop:
			l.deafen()
			return
		}
		l.settle()
	}
}

// deafen drops what the broker returns until the channel ends. amqp091-go would wait for somebody to take it, and hear nothing
// else, such as the answer to the end of the connection.
func (l *lane) deafen() {
	if l.returns == nil {
		return
	}
	for range l.returns { // nobody waits for them any more
	}
}

// fill sends as much as the window takes. Where something is left and answers are not what it waits for, it returns a channel
// that is closed when the obstacle is gone.
func (l *lane) fill() (obstacle <-chan struct{}) {
	for {
		if blockade := l.link.blocked.Load(); blockade.on {
			return blockade.over
		}
		if room := l.sess.wire.noRoom(); room != nil {
			return room
		}
		if len(l.flights) >= l.window || len(l.flights) > 0 && l.flights[0].careful {
			return nil
		}
		f, ok := l.upcoming()
		if !ok {
			return nil
		}
		verdict, err := l.send(&f)
		if verdict == later {
			return nil // the answers to others, or the end of the channel, come first
		}
		l.taken()
		if verdict == never { // only now, for the batch is its caller's again when its last message is settled
			l.finish(&f, err)
		}
	}
}

// upcoming returns the message to send next.
func (l *lane) upcoming() (flight, bool) {
	if len(l.again) > 0 {
		return l.again[0], true
	}
	if l.current == nil {
		if len(l.queue) == 0 && !l.collect() {
			return flight{}, false
		}
		l.current, l.next = l.queue[0], 0
		l.queue[0] = nil
		l.queue = l.queue[1:]
	}
	return flight{batch: l.current, index: l.next}, true
}

// collect takes what is in the inbox.
func (l *lane) collect() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue, l.inbox = l.inbox, nil
	return len(l.queue) > 0
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
	headers := b.headersOf(f.index)
	if headers != nil && l.line.frame < frameMax { // a broker before this one may have taken larger frames
		if err := checkSize(m, headers, l.line.frame); err != nil {
			return never, err
		}
	}
	if f.careful = f.careful || !l.known[m.Exchange] || m.UserID != "" && m.UserID != l.user; f.careful {
		if len(l.flights) > 0 {
			return later, nil
		}
		f.exchange = m.Exchange
	}
	number, ok := l.line.send(m, headers)
	if !ok {
		return later, nil // on another channel
	}
	b.progress[f.index].sent = true
	f.number, f.returned, f.answered = number, false, false
	l.flights = append(l.flights, *f)
	return sent, nil
}
