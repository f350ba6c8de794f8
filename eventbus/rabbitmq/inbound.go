package rabbitmq

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"
)

// An inbound is what amqp091-go reads from the broker, without what others are better at: answers to messages go to their
// lines, deliveries to their intakes, and header tables that the library refuses, ending the connection over them again and
// again, are made readable. It looks at whole frames, and returns from Read before a frame that it keeps, so that amqp091-go
// has dealt with all that came earlier when that frame is dealt with: the return of a message goes before the answer to it.
// What comes later is not read before the kept frame is dealt with: a message goes before the end of its consumer.
type inbound struct {
	r          *bufio.Reader
	lineOf     func(channel uint16) *line
	kept       func()        // called with each frame of which amqp091-go does not know that it came
	confirming atomic.Uint32 // the last channel that the broker has put into confirm mode

	awaited atomic.Pointer[intake] // is to take the deliveries of the channel that the broker next sets a prefetch for
	intakes map[uint16]*intake     // by channel, until the broker is done with it; the reader's

	passing int    // bytes of the present frame that are still to be passed on from r
	ready   []byte // a frame to pass on that is not in r any more
}

const (
	inboundBuffer = frameMax + frameRim  // so that a frame can be looked at whole
	answerSize    = methodIDSize + 8 + 1 // number and flags
)

func newInbound(r io.Reader, lineOf func(uint16) *line, kept func()) *inbound {
	return &inbound{r: bufio.NewReaderSize(r, inboundBuffer), lineOf: lineOf, kept: kept, intakes: make(map[uint16]*intake)}
}

func (in *inbound) Read(p []byte) (n int, err error) {
	for n < len(p) {
		switch {
		case len(in.ready) > 0:
			k := copy(p[n:], in.ready)
			in.ready, n = in.ready[k:], n+k
		case in.passing > 0:
			if n > 0 && in.r.Buffered() == 0 {
				return n, nil
			}
			k, err := in.r.Read(p[n:min(len(p), n+in.passing)])
			in.passing, n = in.passing-k, n+k
			if err != nil {
				return n, err
			}
		case n > 0 && in.r.Buffered() < frameHead+answerSize:
			return n, nil // rather than wait for more
		default:
			kept, err := in.next(n == 0)
			if err != nil || kept {
				return n, err
			}
		}
	}
	return n, nil
}

// next begins with the next frame. With n bytes in the caller's hands already it does not wait, and keeps a frame that must
// not overtake them for the next Read.
func (in *inbound) next(first bool) (kept bool, err error) {
	head, err := in.r.Peek(frameHead)
	if err != nil {
		return false, err
	}
	kind, channel, size := head[0], binary.BigEndian.Uint16(head[1:]), int(binary.BigEndian.Uint32(head[3:]))
	whole := size + frameRim
	switch {
	case kind == frameMethod && size >= methodIDSize:
		head, err = in.r.Peek(frameHead + methodIDSize)
		if err != nil {
			return false, err
		}
		switch id := methodID(binary.BigEndian.Uint32(head[frameHead:])); id {
		case basicAck, basicNack:
			if l := in.lineOf(channel); l != nil && size == answerSize {
				return !first, in.takeAnswer(l, first, whole, id == basicAck)
			}
		case basicDeliver:
			if k := in.intakes[channel]; k != nil && whole <= frameMax {
				return !first, in.takeContent(k, first, whole)
			}
		default:
			if err = in.watch(channel, id); err != nil {
				return false, err
			}
		}
	case (kind == frameHeader || kind == frameBody) && whole <= frameMax && in.intakes[channel] != nil:
		return !first, in.takeContent(in.intakes[channel], first, whole)
	case kind == frameHeader && whole <= inboundBuffer:
		if !first && in.r.Buffered() < whole {
			return true, nil
		}
		frame, err := in.r.Peek(whole)
		if err != nil {
			return false, err
		}
		if mended := mendHeaders(frame); mended != nil {
			in.ready = mended
			_, err = in.r.Discard(whole)
			return false, err
		}
	}
	in.passing = whole
	return false, nil
}

// watch notes what a method that is passed on says about a channel.
func (in *inbound) watch(channel uint16, id methodID) error {
	k := in.intakes[channel]
	if k != nil {
		if err := k.interrupt(id); err != nil {
			return err
		}
	}
	switch id {
	case confirmSelectOK:
		in.confirming.Store(uint32(channel))
	case basicQosOK:
		if k = in.awaited.Swap(nil); k != nil {
			in.intakes[channel] = k
		}
	case channelClose, channelCloseOK:
		delete(in.intakes, channel)
	}
	return nil
}

var errFrameEnd = errors.New("a frame does not end where it should")

func (in *inbound) takeContent(k *intake, first bool, whole int) error {
	if !first {
		return nil
	}
	frame, err := in.r.Peek(whole)
	if err != nil {
		return err
	}
	if frame[whole-1] != frameEnd {
		return errFrameEnd
	}
	if err = k.take(frame[0], frame[frameHead:whole-1]); err != nil {
		return err
	}
	in.kept()
	_, err = in.r.Discard(whole)
	return err
}

func (in *inbound) takeAnswer(l *line, first bool, whole int, acked bool) error {
	if !first {
		return nil
	}
	frame, err := in.r.Peek(whole)
	if err != nil {
		return err
	}
	payload := frame[frameHead+methodIDSize:]
	l.answer(answer{number: binary.BigEndian.Uint64(payload), multiple: payload[8]&1 != 0, acked: acked})
	in.kept()
	_, err = in.r.Discard(whole)
	return err
}
