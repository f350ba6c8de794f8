package rabbitmq

import (
	"fmt"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A batch is one call of Publish on its way. The caller waits for done; a lane sends and settles. Whoever gives up first
// abandons it, and from then on no lane touches the caller's messages.
type batch struct {
	done chan struct{} // gets a token when the last message is settled

	mu        sync.Mutex
	messages  []driver.Message // nil once abandoned
	headers   [][]byte         // encoded, by index; nil when no message has any
	progress  []progress
	unsettled int
	missing   map[string]error // exchanges that the broker did not find for an earlier message of the call
	one       [1]progress      // what progress is for a single message
}

// progress is the state of one message.
type progress struct {
	sent    bool // at least once, so that it may have arrived
	settled bool
	err     error
}

var batches = sync.Pool{New: func() any { return &batch{done: make(chan struct{}, 1)} }}

func newBatch(messages []driver.Message, headers [][]byte) *batch {
	b := batches.Get().(*batch)
	b.messages, b.headers, b.unsettled = messages, headers, len(messages)
	if len(messages) == 1 {
		b.one[0] = progress{}
		b.progress = b.one[:]
	} else {
		b.progress = make([]progress, len(messages))
	}
	return b
}

// release hands a batch back that no lane knows any more: one whose last message was settled.
func (b *batch) release() {
	b.messages, b.headers, b.progress, b.missing = nil, nil, nil, nil
	batches.Put(b)
}

// headersOf is called with b.mu held.
func (b *batch) headersOf(i int) []byte {
	if b.headers == nil {
		return nil
	}
	return b.headers[i]
}

// settle notes the outcome of a message. After the last one the batch belongs to the caller alone.
func (b *batch) settle(i int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &b.progress[i]
	if b.messages == nil || p.settled {
		return
	}
	p.settled, p.err = true, err
	if b.unsettled--; b.unsettled == 0 {
		b.done <- struct{}{}
	}
}

// miss notes that the broker does not know an exchange, so that the other messages of the call do not cost a channel each.
func (b *batch) miss(exchange string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing == nil {
		b.missing = make(map[string]error)
	}
	b.missing[exchange] = err
}

// abandoned tells whether the caller has gone.
func (b *batch) abandoned() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.messages == nil
}

// abandon ends the batch for the caller: what is not settled has failed because of cause, and has an unknown outcome if
// it was ever sent. The result is that of the whole call.
func (b *batch) abandon(cause error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := range b.progress {
		p := &b.progress[i]
		switch {
		case p.settled:
		case p.sent:
			p.settled, p.err = true, fmt.Errorf("rabbitmq: %w: %w", driver.ErrUnknown, cause)
		default:
			p.settled, p.err = true, fmt.Errorf("rabbitmq: not sent: %w", cause)
		}
	}
	b.messages, b.headers = nil, nil
	return b.result()
}

// result is called when every message is settled.
func (b *batch) result() error {
	var failed []driver.FailedMessage
	for i := range b.progress {
		if err := b.progress[i].err; err != nil {
			failed = append(failed, driver.FailedMessage{Index: i, Err: err})
		}
	}
	if failed == nil {
		return nil
	}
	return &driver.PublishError{Total: len(b.progress), Failed: failed}
}
