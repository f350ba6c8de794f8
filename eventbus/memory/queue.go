package memory

import (
	"strconv"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// An item is a message in one queue.
type item struct {
	m           *driver.Message
	position    uint64    // in the order of arrival
	expires     time.Time // zero: never
	redelivered bool
}

type queue struct {
	driver.Queue
	server *server
	owner  *Broker // of a temporary queue
	gone   bool
	alone  []*queue // itself, as a route

	ready    fifo
	arrivals uint64
	subs     []*subscription
	turn     int // the subscription that comes next

	timer *time.Timer
	armed time.Time // when the timer fires; zero: it does not
}

func (q *queue) push(m *driver.Message) {
	q.arrivals++
	it := item{m: m, position: q.arrivals}
	// A time to live of zero means: now or never.
	if ttl, ok := q.ttl(m); ok && (ttl > 0 || q.ready.len() > 0 || q.next() == nil) {
		it.expires = time.Now().Add(ttl)
	}
	q.ready.push(it)
	q.dispatch()
}

// ttl is the shorter of what the queue and the message say.
func (q *queue) ttl(m *driver.Message) (time.Duration, bool) {
	ttl, ok := q.MessageTTL, q.MessageTTL > 0
	if m.Expiration != "" {
		ms, _ := strconv.ParseInt(m.Expiration, 10, 64) // was checked on the way in
		if own := time.Duration(ms) * time.Millisecond; !ok || own < ttl {
			ttl, ok = own, true
		}
	}
	return ttl, ok
}

// dispatch hands out what is ready as long as a subscription has room, in turns.
func (q *queue) dispatch() {
	for q.ready.len() > 0 {
		s := q.next()
		if s == nil {
			break
		}
		if it, ok := q.pop(); ok {
			s.deliver(it)
		}
	}
	q.arm()
}

// next returns the subscription whose turn it is among those that have room.
func (q *queue) next() *subscription {
	for range q.subs {
		q.turn = (q.turn + 1) % len(q.subs)
		if s := q.subs[q.turn]; len(s.out) < s.prefetch {
			return s
		}
	}
	return nil
}

// pop takes the first message that has not expired.
func (q *queue) pop() (item, bool) {
	for q.ready.len() > 0 {
		it := q.ready.pop()
		if it.expires.IsZero() || time.Now().Before(it.expires) {
			return it, true
		}
		q.deadLetter(it.m, expired)
	}
	return item{}, false
}

// arm sets the timer to the moment in which the head of the queue expires.
func (q *queue) arm() {
	var at time.Time
	if q.ready.len() > 0 {
		at = q.ready.first().expires
	}
	if at.Equal(q.armed) {
		return
	}
	q.armed = at
	switch {
	case at.IsZero():
		q.timer.Stop()
	case q.timer == nil:
		q.timer = time.AfterFunc(time.Until(at), q.expire)
	default:
		q.timer.Reset(time.Until(at))
	}
}

func (q *queue) expire() {
	q.server.mu.Lock()
	defer q.server.mu.Unlock()
	if q.gone {
		return
	}
	q.armed = time.Time{}
	for q.ready.len() > 0 {
		first := q.ready.first()
		if first.expires.IsZero() || time.Now().Before(first.expires) {
			break
		}
		q.deadLetter(q.ready.pop().m, expired)
	}
	q.arm()
}

// restore puts messages back to their places.
func (q *queue) restore(items ...item) {
	if q.gone {
		return
	}
	for _, it := range items {
		it.redelivered = true
		q.ready.restore(it)
	}
	q.dispatch()
}

func (q *queue) delete(err error) {
	q.gone = true
	if q.timer != nil {
		q.timer.Stop()
	}
	q.ready = fifo{}
	for _, s := range append([]*subscription(nil), q.subs...) {
		s.end(err)
	}
}
