package rabbitmq

import (
	"encoding/binary"
	"errors"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// An intake makes messages of the frames that the broker delivers on a channel with one consumer. The wire gives it these
// frames instead of amqp091-go, which keeps the channel's life: consuming, cancelling, closing. An error ends the connection,
// since what a broken frame was about is not known. It is used by the wire's reader alone.
type intake struct {
	tag  string                // of the consumer
	pass func(driver.Delivery) // gets each message, in order; must not wait: it holds up the whole connection

	next   byte // kind of the frame that has to follow in a message; 0 between messages
	coming driver.Delivery
	size   uint64         // of the body of coming
	last   driver.Message // the texts of the message before, most of which the next one has as well
}

var (
	errOrder    = errors.New("frames of a delivery in a wrong order")
	errDeliver  = errors.New("malformed basic.deliver")
	errConsumer = errors.New("basic.deliver for an unknown consumer")
	errContent  = errors.New("malformed properties of a delivery")
	errBody     = errors.New("the body of a delivery is longer than announced")
	errIntake   = errors.New("the broker's answer to basic.qos was not seen")
)

// openIntake sets the prefetch of a channel that nothing is consumed on yet, and has k take the deliveries from then on. The
// wire learns the channel's number from the broker's answer, so one is opened at a time.
func (s *session) openIntake(ch *channel, prefetch int, k *intake) error {
	s.lining.Lock()
	defer s.lining.Unlock()
	s.wire.in.awaited.Store(k)
	err := ch.Qos(prefetch, 0, false)
	if missed := s.wire.in.awaited.Swap(nil) != nil; err == nil && missed {
		return errIntake
	}
	return err
}

// take gets the payload of basic.deliver, of a content header or of a part of a body. It keeps nothing of it.
func (k *intake) take(kind byte, payload []byte) error {
	if kind != max(k.next, frameMethod) { // a message begins with a method
		return errOrder
	}
	switch kind {
	case frameMethod:
		return k.takeMethod(payload[methodIDSize:])
	case frameHeader:
		return k.takeHeader(payload)
	default:
		return k.takeBody(payload)
	}
}

// interrupt is called for a method other than basic.deliver, which is amqp091-go's. Only the end of the channel may come in
// the middle of a message.
func (k *intake) interrupt(id methodID) error {
	if id == channelClose || id == channelCloseOK || k.next == 0 {
		return nil
	}
	return errOrder
}

func (k *intake) takeMethod(arguments []byte) error {
	p := parser{b: arguments}
	tag := p.take(int(p.octet()))
	k.coming = driver.Delivery{Tag: driver.Tag{Number: p.uint64()}, Redelivered: p.octet()&1 != 0}
	k.coming.Exchange = p.short(k.last.Exchange)
	k.coming.RoutingKey = p.short(k.last.RoutingKey)
	switch {
	case p.failed || len(p.b) > 0:
		return errDeliver
	case string(tag) != k.tag:
		return errConsumer
	}
	k.next = frameHeader
	return nil
}

const classBasic = uint16(basicDeliver >> 16)

func (k *intake) takeHeader(payload []byte) error {
	p := parser{b: payload}
	class, weight := p.uint16(), p.uint16()
	k.size = p.uint64()
	p.properties(&k.coming.Message, &k.last)
	if p.failed || class != classBasic || weight != 0 {
		return errContent
	}
	k.last = k.coming.Message
	k.last.Headers = nil
	k.next = frameBody
	if k.size == 0 {
		k.coming.Body = []byte{}
		k.complete()
	}
	return nil
}

// takeBody does not trust the announced size: it makes room for at most twice of what has arrived.
func (k *intake) takeBody(part []byte) error {
	body := k.coming.Body
	if uint64(len(part)) > k.size-uint64(len(body)) {
		return errBody
	}
	if need := len(body) + len(part); need > cap(body) {
		body = append(make([]byte, 0, min(k.size, uint64(max(need, 2*len(body))))), body...)
	}
	k.coming.Body = append(body, part...)
	if uint64(len(k.coming.Body)) == k.size {
		k.complete()
	}
	return nil
}

func (k *intake) complete() {
	d := k.coming
	k.coming, k.next = driver.Delivery{}, 0
	k.pass(d)
}

// A parser reads the fields of a frame from the front of b. After a field that is not all there it has failed, and gives zero
// values.
type parser struct {
	b      []byte
	failed bool
}

// take returns the next n bytes, which are the frame's.
func (p *parser) take(n int) []byte {
	if n < 0 || n > len(p.b) { // negative: 32 bits on a small machine
		p.b, p.failed = nil, true
		return nil
	}
	b := p.b[:n]
	p.b = p.b[n:]
	return b
}

func (p *parser) octet() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *parser) uint16() uint16 {
	if b := p.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (p *parser) uint32() uint32 {
	if b := p.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (p *parser) uint64() uint64 {
	if b := p.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// short returns a text of at most 255 bytes: last itself where it is the same, which costs no allocation.
func (p *parser) short(last string) string {
	b := p.take(int(p.octet()))
	if string(b) == last {
		return last
	}
	return string(b)
}
