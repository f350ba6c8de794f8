package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"io"
	"reflect"
	"testing"
	"testing/iotest"
)

func method(channel uint16, id methodID, arguments ...byte) []byte {
	frame, start := beginFrame(nil, frameMethod, channel)
	return endFrame(append(binary.BigEndian.AppendUint32(frame, uint32(id)), arguments...), start)
}

// Answers go to their line, everything else to the library, however the network cuts it; and nothing that came before an
// answer is still unread when the line hears it.
func TestAnswersAreSortedOut(t *testing.T) {
	t.Parallel()
	answerTo := func(channel uint16, id methodID, n uint64, flags byte) []byte {
		return method(channel, id, append(number(n), flags)...)
	}
	heartbeat := []byte{8, 0, 0, 0, 0, 0, 0, frameEnd}
	body, start := beginFrame(nil, frameBody, 1)
	body = endFrame(append(body, bytes.Repeat([]byte("x"), 100_000)...), start)
	frames := []struct {
		bytes []byte
		kept  bool
	}{
		{method(1, confirmSelectOK), false},
		{answerTo(1, basicAck, 1, 0), true},
		{answerTo(2, basicAck, 7, 0), false}, // no line
		{heartbeat, false},
		{answerTo(1, basicNack, 2, 1), true},
		{headerFrame([]byte("\x04goodt\x01")), false},
		{body, false},
		{answerTo(1, basicAck, 3, 1), true},
		{answerTo(1, basicAck, 4, 0), true},
		{heartbeat, false},
	}
	var all, passed []byte
	for _, f := range frames {
		all = append(all, f.bytes...)
		if !f.kept {
			passed = append(passed, f.bytes...)
		}
	}
	for name, cut := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader,
	} {
		for _, size := range []int{1, 7, 4096, 1 << 20} {
			var got []byte
			var before []int // bytes that were read before each answer
			l := &line{channel: 1, ring: func() {}}
			l.ring = func() { before = append(before, len(got)) }
			in := newInbound(cut(bytes.NewReader(all)), func(channel uint16) *line {
				if channel == 1 {
					return l
				}
				return nil
			}, func() {})
			for p := make([]byte, size); ; {
				n, err := in.Read(p)
				got = append(got, p[:n]...)
				if err == io.EOF {
					break
				}
				if err != nil || n == 0 {
					t.Fatal(n, err)
				}
			}
			if !bytes.Equal(got, passed) {
				t.Errorf("%s, %d: %d bytes were passed on, want %d", name, size, len(got), len(passed))
			}
			want := []answer{{1, false, true}, {2, true, false}, {3, true, true}, {4, false, true}}
			if heard := l.take(nil); !reflect.DeepEqual(heard, want) {
				t.Errorf("%s, %d: heard %v", name, size, heard)
			}
			first, second := len(frames[0].bytes), len(frames[0].bytes)+len(frames[2].bytes)+len(heartbeat)
			last := len(passed) - len(heartbeat)
			if want := []int{first, second, last, last}; !reflect.DeepEqual(before, want) {
				t.Errorf("%s, %d: before the answers %v bytes were read, want %v", name, size, before, want)
			}
			if in.confirming.Load() != 1 {
				t.Errorf("channel %d has confirmed last", in.confirming.Load())
			}
		}
	}
}
