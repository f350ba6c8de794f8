package rabbitmq

import (
	"encoding/binary"
	"errors"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A line is a channel in confirm mode for a lane: the lane writes the frames of messages onto the wire, and the wire sorts the
// broker's answers to them out of what it reads. The channel's life, and what the broker returns on it, is amqp091-go's.
type line struct {
	channel uint16
	frame   int // bytes of the largest frame that the broker takes
	wire    *wire
	ended   bool   // guarded by wire.mu: the broker's farewell was answered, and it takes not a byte more
	last    uint64 // number of the last message; the lane's

	mu      sync.Mutex
	answers []answer
	ring    func() // called when there are new answers
}

// An answer is a basic.ack or basic.nack.
type answer struct {
	number   uint64
	multiple bool // and all before it
	acked    bool
}

var errNoLine = errors.New("the broker's answer to confirm.select was not seen")

// openLine puts the channel into confirm mode. amqp091-go does not tell the number of a channel, but the wire has seen it in
// the broker's answer, so one line is opened at a time.
func (s *session) openLine(ch *amqp.Channel, ring func()) (*line, error) {
	s.lining.Lock()
	defer s.lining.Unlock()
	s.wire.in.confirming.Store(0)
	if err := ch.Confirm(false); err != nil {
		return nil, err
	}
	number := s.wire.in.confirming.Load()
	if number == 0 {
		return nil, errNoLine
	}
	l := &line{channel: uint16(number), frame: s.conn.Config.FrameSize, wire: s.wire, ring: ring} //nolint:gosec // it was one
	s.wire.mu.Lock()
	defer s.wire.mu.Unlock()
	if ch.IsClosed() { // the farewell may have been answered, and hangUp has not known the line
		return nil, amqp.ErrClosed
	}
	s.wire.lines[l.channel] = l
	return l, nil
}

func (w *wire) lineOf(channel uint16) *line {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines[channel]
}

// hangUp is called with mu held, with what amqp091-go writes: one whole method frame at a time, where lines are. A channel
// whose end goes out is no line any more: a message after it would cost the connection.
func (w *wire) hangUp(p []byte) {
	if len(p) < frameHead+methodIDSize || p[0] != frameMethod {
		return
	}
	switch methodID(binary.BigEndian.Uint32(p[frameHead:])) {
	case channelClose, channelCloseOK:
		channel := binary.BigEndian.Uint16(p[1:])
		if l := w.lines[channel]; l != nil {
			l.ended = true
			delete(w.lines, channel)
		}
	}
}

// send puts a message on the wire, without waiting for the network. It returns the number that an answer will name, or false
// when the line has ended. The wire is to be kicked some time after.
func (l *line) send(m *driver.Message, headers []byte) (number uint64, ok bool) {
	l.wire.mu.Lock()
	defer l.wire.mu.Unlock()
	if l.ended || l.wire.err != nil {
		return 0, false
	}
	l.wire.out = appendPublish(l.wire.out, l.channel, l.frame, m, headers)
	l.last++
	return l.last, true
}

func (l *line) answer(a answer) {
	l.mu.Lock()
	l.answers = append(l.answers, a)
	l.mu.Unlock()
	l.ring()
}

// take returns the answers that have come since the last call, in their order. The slice is good until the next call but one.
func (l *line) take(spare []answer) []answer {
	l.mu.Lock()
	defer l.mu.Unlock()
	answers := l.answers
	l.answers = spare[:0]
	return answers
}
