package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// splitFrames cuts whole frames off b, as the standard has them, and returns what is left.
func splitFrames(b []byte) (frames [][]byte, rest []byte) {
	for len(b) >= frameHead {
		size := int(binary.BigEndian.Uint32(b[3:])) + frameRim
		if size > len(b) {
			break
		}
		frames, b = append(frames, b[:size]), b[size:]
	}
	return frames, b
}

func answerIn(frame []byte) (a answer, ok bool) {
	if frame[0] != frameMethod || len(frame) != frameRim+answerSize || binary.BigEndian.Uint16(frame[1:]) != 1 {
		return answer{}, false
	}
	id := methodID(binary.BigEndian.Uint32(frame[frameHead:]))
	a = answer{number: binary.BigEndian.Uint64(frame[frameHead+4:]), multiple: frame[len(frame)-2]&1 != 0, acked: id == basicAck}
	return a, id == basicAck || id == basicNack
}

// Whatever the broker sends, and however the network cuts it: the line gets its answers, the library all the rest.
func FuzzInbound(f *testing.F) {
	ack := method(1, basicAck, append(number(7), 1)...)
	f.Add([]byte(nil), uint16(1), uint16(1))
	f.Add(append(append(ack, headerFrame([]byte("\x04goodt\x01"))...), ack...), uint16(5), uint16(3))
	f.Add(append(method(2, basicNack, append(number(1), 0)...), method(1, confirmSelectOK)...), uint16(4096), uint16(1000))
	f.Add(headerFrame(nested(40, 'F')[5:]), uint16(100), uint16(17))
	f.Add([]byte{1, 0, 1, 0xff, 0xff, 0xff, 0xff, 0}, uint16(2), uint16(2))
	f.Fuzz(func(t *testing.T, stream []byte, cut, size uint16) {
		frames, rest := splitFrames(stream)
		var want []byte
		var answers []answer
		for _, frame := range frames {
			if a, ok := answerIn(frame); ok {
				answers = append(answers, a)
				continue
			}
			if frame[0] == frameHeader {
				if mended := mendHeaders(frame); mended != nil {
					frame = mended
				}
			}
			want = append(want, frame...)
		}
		l := &line{channel: 1, ring: func() {}}
		lineOf := func(channel uint16) *line {
			if channel == 1 {
				return l
			}
			return nil
		}
		in := newInbound(&chunks{stream, int(cut)%5000 + 1}, lineOf, func() {})
		var got []byte
		for p := make([]byte, int(size)%5000+1); ; {
			n, err := in.Read(p)
			got = append(got, p[:n]...)
			if err != nil {
				if !errors.Is(err, io.EOF) {
					t.Fatal(err)
				}
				break
			}
			if n == 0 {
				t.Fatal("read nothing")
			}
		}
		if !bytes.HasPrefix(got, want) || len(got) > len(want)+len(rest) {
			t.Fatalf("passed on\n%q, want\n%q and no more than\n%q", got, want, rest)
		}
		if heard := l.take(nil); len(heard) != len(answers) {
			t.Fatalf("heard %v, want %v", heard, answers)
		} else {
			for i := range heard {
				if heard[i] != answers[i] {
					t.Fatalf("heard %v, want %v", heard, answers)
				}
			}
		}
	})
}

// chunks is a reader that gives so many bytes at a time.
type chunks struct {
	b []byte
	n int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), c.n)], c.b)
	c.b = c.b[n:]
	return n, nil
}

// The frames of a message are none too large, and what they hold is the message.
func FuzzPublishFrames(f *testing.F) {
	f.Add("x", "k", []byte("body"), uint16(4096), true)
	f.Add("", "", []byte(nil), uint16(4096), false)
	f.Add("x", "k", make([]byte, 3*(4096-frameRim)), uint16(4096), false)
	f.Fuzz(func(t *testing.T, exchange, key string, body []byte, frame uint16, mandatory bool) {
		m := driver.Message{Exchange: exchange, RoutingKey: key, Body: body, Mandatory: mandatory, ID: key, Headers: map[string]any{"h": exchange}}
		most := max(int(frame), 4096)
		headers, err := prepare(&m, most)
		if err != nil {
			return
		}
		frames, rest := splitFrames(appendPublish(nil, 3, most, &m, headers))
		if len(rest) > 0 || len(frames) != 2+(len(body)+most-frameRim-1)/(most-frameRim) {
			t.Fatalf("%d frames, and %d bytes behind them", len(frames), len(rest))
		}
		var got []byte
		for i, frame := range frames {
			if len(frame) > most || frame[len(frame)-1] != frameEnd || binary.BigEndian.Uint16(frame[1:]) != 3 || int(frame[0]) != min(i+1, 3) {
				t.Fatalf("frame %d is %q", i, frame)
			}
			if i > 1 {
				got = append(got, frame[frameHead:len(frame)-1]...)
			}
		}
		first, second := shorts(frames[0][frameHead+6:])
		if first != exchange || second != key || !bytes.Equal(got, body) || binary.BigEndian.Uint64(frames[1][frameHead+4:]) != uint64(len(body)) {
			t.Fatalf("sent %q %q %q", first, second, got)
		}
	})
}
