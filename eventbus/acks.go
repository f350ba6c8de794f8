package eventbus

import (
	"slices"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

const (
	ackBatch = 50                    // messages that one acknowledgement covers at most, and no more than half the prefetch
	ackDelay = 10 * time.Millisecond // that a handled message waits at most to be acknowledged with others
)

// acks collects the messages of a subscription that were handled and acknowledges them together: all up to the first that is
// still in hand with one cumulative acknowledgement, those behind it one by one. It never names a message that is not done,
// and is safe for concurrent use.
type acks struct {
	acker  driver.Acker
	batch  int
	report func(error)

	mu      sync.Mutex // held while acknowledging, too: a cumulative one must not be overtaken by a later one
	epoch   uint64
	settled spans    // numbers of the epoch that are done
	waiting []uint64 // those of them that are not acknowledged
	timer   *time.Timer
}

func newAcks(a driver.Acker, prefetch int, report func(error)) *acks {
	return &acks{acker: a, batch: max(1, min(ackBatch, prefetch/2)), report: report}
}

// done notes that the message may be acknowledged.
func (a *acks) done(tag driver.Tag) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.note(tag) {
		a.report(driver.ErrStale)
		return
	}
	a.waiting = append(a.waiting, tag.Number)
	switch {
	case len(a.waiting) >= a.batch:
		a.send()
	case len(a.waiting) > 1: // the timer runs
	case a.timer == nil:
		a.timer = time.AfterFunc(ackDelay, a.flush)
	default:
		a.timer.Reset(ackDelay)
	}
}

// refused notes that the broker was told something else about the message.
func (a *acks) refused(tag driver.Tag) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.note(tag)
}

// note returns false for a message of a link that was lost.
func (a *acks) note(tag driver.Tag) bool {
	if tag.Epoch < a.epoch {
		return false
	}
	if tag.Epoch > a.epoch {
		a.epoch, a.settled, a.waiting = tag.Epoch, a.settled[:0], a.waiting[:0]
	}
	a.settled.add(tag.Number)
	return true
}

// flush acknowledges what waits.
func (a *acks) flush() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.send()
}

func (a *acks) send() {
	if len(a.waiting) == 0 {
		return
	}
	var (
		end  = a.settled.prefix() // all up to it are done
		last uint64               // the last of these that waits; the broker must not be given one that it knows no more
	)
	for _, n := range a.waiting {
		if n <= end {
			last = max(last, n)
		}
	}
	if last > 0 {
		a.report(a.acker.Ack(driver.Tag{Epoch: a.epoch, Number: last}, true))
	}
	for _, n := range a.waiting {
		if n > end {
			a.report(a.acker.Ack(driver.Tag{Epoch: a.epoch, Number: n}, false))
		}
	}
	a.waiting = a.waiting[:0]
}

func (a *acks) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.send()
	if a.timer != nil {
		a.timer.Stop()
	}
}

// spans is a set of numbers, as ranges in ascending order with gaps between them. There are no more ranges than numbers that
// are missing, so that it stays small however long one of them is missed.
type spans []span

type span struct{ first, last uint64 }

func (s *spans) add(n uint64) {
	i, found := slices.BinarySearchFunc(*s, n, func(r span, n uint64) int {
		switch {
		case r.last < n:
			return -1
		case r.first > n:
			return 1
		}
		return 0
	})
	if found {
		return
	}
	after := i > 0 && (*s)[i-1].last == n-1
	before := i < len(*s) && (*s)[i].first == n+1
	switch {
	case after && before:
		(*s)[i-1].last = (*s)[i].last
		*s = slices.Delete(*s, i, i+1)
	case after:
		(*s)[i-1].last = n
	case before:
		(*s)[i].first = n
	default:
		*s = slices.Insert(*s, i, span{n, n})
	}
}

// prefix returns the last number of those that are there from 1 on without a gap, 0 when 1 is not there.
func (s spans) prefix() uint64 {
	if len(s) == 0 || s[0].first > 1 {
		return 0
	}
	return s[0].last
}
