package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func deliverFrame(channel uint16, tag string, n uint64, exchange, key string) []byte {
	return method(channel, basicDeliver, bytes.Join([][]byte{short(tag), number(n), flag(n%2 == 0), short(exchange), short(key)}, nil)...)
}

func contentFrame(channel uint16, size uint64, properties ...byte) []byte {
	frame, start := beginFrame(nil, frameHeader, channel)
	return endFrame(append(binary.BigEndian.AppendUint64(append(frame, 0, 60, 0, 0), size), properties...), start)
}

func bodyFrame(channel uint16, part string) []byte {
	frame, start := beginFrame(nil, frameBody, channel)
	return endFrame(append(frame, part...), start)
}

// intakeOn reads frames, of which channel 1 has an intake once the broker has answered basic.qos.
func intakeOn(r io.Reader, pass func(driver.Delivery)) *inbound {
	in := newInbound(r, func(uint16) *line { return nil }, func() {})
	in.awaited.Store(&intake{tag: "me", pass: pass})
	return in
}

// cut gives what there is up to a place, and the rest later.
type cut struct{ first, rest []byte }

func (c *cut) Read(p []byte) (int, error) {
	if len(c.first) == 0 {
		c.first, c.rest = c.rest, nil
	}
	if len(c.first) == 0 {
		return 0, io.EOF
	}
	n := copy(p, c.first)
	c.first = c.first[n:]
	return n, nil
}

// Deliveries go to their intake, everything else to the library, in the order of the broker, wherever the network cuts it and
// whatever comes between.
func TestDeliveriesAreSortedOut(t *testing.T) {
	t.Parallel()
	heartbeat := []byte{8, 0, 0, 0, 0, 0, 0, frameEnd}
	frames := []struct {
		bytes []byte
		kept  bool
	}{
		{deliverFrame(1, "other", 1, "x", "k"), false}, // nobody takes it yet
		{contentFrame(1, 1, 0, 0), false},
		{bodyFrame(1, "b"), false},
		{method(1, basicQosOK), false},
		{method(1, methodID(60<<16|21), short("me")...), false}, // consume-ok
		{deliverFrame(1, "me", 1, "x", "k"), true},
		{heartbeat, false},
		{contentFrame(1, 0, 0, 0), true},
		{deliverFrame(2, "me", 7, "x", "k"), false},
		{deliverFrame(1, "me", 2, "x", "k"), true},
		{contentFrame(2, 4, 0, 0), false},
		{contentFrame(1, 9, 0x80, 0, 1, 'j'), true},
		{bodyFrame(2, "body"), false},
		{bodyFrame(1, "one"), true},
		{bodyFrame(1, ""), true},
		{heartbeat, false},
		{bodyFrame(1, "two"), true},
		{method(3, basicQosOK), false}, // nobody waits for it
		{bodyFrame(1, "six"), true},
		{deliverFrame(1, "me", 3, "", "q"), true},
		{contentFrame(1, 1, 0, 0), true},
		{bodyFrame(1, "3"), true},
		{method(1, methodID(60<<16|30), append(short("me"), 1)...), false}, // basic.cancel
		{deliverFrame(1, "me", 4, "x", "k"), true},
		{contentFrame(1, 1, 0, 0), true},
		{method(1, channelClose, 0, 0, 0, 0, 0, 0, 0), false}, // in the middle of a message, which is lost with it
		{contentFrame(1, 1, 0, 0), false},
		{bodyFrame(1, "b"), false},
	}
	var all, passed []byte
	var before []int // bytes that are passed on before each message
	for i, f := range frames {
		all = append(all, f.bytes...)
		if !f.kept {
			passed = append(passed, f.bytes...)
		}
		if i == 7 || i == 18 || i == 21 {
			before = append(before, len(passed))
		}
	}
	want := []driver.Delivery{
		{Message: driver.Message{Exchange: "x", RoutingKey: "k", Transient: true, Body: []byte{}}, Tag: driver.Tag{Number: 1}},
		{
			Message:     driver.Message{Exchange: "x", RoutingKey: "k", Transient: true, ContentType: "j", Body: []byte("onetwosix")},
			Tag:         driver.Tag{Number: 2},
			Redelivered: true,
		},
		{Message: driver.Message{RoutingKey: "q", Transient: true, Body: []byte("3")}, Tag: driver.Tag{Number: 3}},
	}
	read := func(name string, r io.Reader, size int) {
		t.Helper()
		var got []byte
		var took []driver.Delivery
		var seen []int
		in := intakeOn(r, func(d driver.Delivery) {
			took = append(took, d)
			seen = append(seen, len(got))
		})
		for p := make([]byte, size); ; {
			n, err := in.Read(p)
			got = append(got, p[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil || n == 0 {
				t.Fatal(name, n, err)
			}
		}
		if !bytes.Equal(got, passed) || !reflect.DeepEqual(took, want) || !reflect.DeepEqual(seen, before) {
			t.Fatalf("%s, %d: %d bytes were passed on, want %d; after %v, want %v, came\n%+v", name, size, len(got), len(passed), seen, before, took)
		}
	}
	for _, size := range []int{1, 7, 4096, 1 << 20} {
		read("bytes", iotest.OneByteReader(bytes.NewReader(all)), size)
		for i := range all {
			read("cut", &cut{all[:i], all[i:]}, size)
		}
	}
}

// What cannot be taken for a message ends the connection, and no other message is made of it.
func TestFramesThatAreNoDelivery(t *testing.T) {
	t.Parallel()
	deliver, content := deliverFrame(1, "me", 1, "x", "k"), contentFrame(1, 3, 0, 0)
	arguments := bytes.Clone(deliver[frameHead+methodIDSize : len(deliver)-1])
	noEnd := bytes.Clone(deliver)
	noEnd[len(noEnd)-1] = 0
	for name, c := range map[string]struct {
		frames [][]byte
		want   error
	}{
		"header first":        {[][]byte{content}, errOrder},
		"body first":          {[][]byte{bodyFrame(1, "abc")}, errOrder},
		"body without header": {[][]byte{deliver, bodyFrame(1, "abc")}, errOrder},
		"two methods":         {[][]byte{deliver, deliver}, errOrder},
		"two headers":         {[][]byte{deliver, content, content}, errOrder},
		"method in a body":    {[][]byte{deliver, content, bodyFrame(1, "a"), deliver}, errOrder},
		"other method":        {[][]byte{deliver, content, method(1, basicQosOK)}, errOrder},
		"body after the end":  {[][]byte{deliver, contentFrame(1, 0, 0, 0), bodyFrame(1, "")}, errOrder},
		"long body":           {[][]byte{deliver, content, bodyFrame(1, "ab"), bodyFrame(1, "cd")}, errBody},
		"no arguments":        {[][]byte{method(1, basicDeliver)}, errDeliver},
		"cut arguments":       {[][]byte{method(1, basicDeliver, 2, 'm', 'e', 0, 0)}, errDeliver},
		"more arguments":      {[][]byte{method(1, basicDeliver, append(arguments, 0)...)}, errDeliver},
		"consumer":            {[][]byte{deliverFrame(1, "you", 1, "x", "k")}, errConsumer},
		"empty header":        {[][]byte{deliver, headerOf()}, errContent},
		"class":               {[][]byte{deliver, headerOf(append([]byte{0, 61}, make([]byte, 12)...)...)}, errContent},
		"weight":              {[][]byte{deliver, headerOf(append([]byte{0, 60, 0, 1}, make([]byte, 10)...)...)}, errContent},
		"cut properties":      {[][]byte{deliver, contentFrame(1, 0, 0x80, 0, 5, 'j')}, errContent},
		"cut table":           {[][]byte{deliver, contentFrame(1, 0, 0x20, 0, 0, 0, 0, 9)}, errContent},
		"huge table":          {[][]byte{deliver, contentFrame(1, 0, 0x20, 0, 255, 255, 255, 255)}, errContent},
		"cut number":          {[][]byte{deliver, contentFrame(1, 0, 0, 0x40, 1)}, errContent},
		"end":                 {[][]byte{noEnd}, errFrameEnd},
	} {
		came := 0
		in := intakeOn(bytes.NewReader(append(method(1, basicQosOK), bytes.Join(c.frames, nil)...)), func(driver.Delivery) { came++ })
		_, err := io.Copy(io.Discard, in)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		if came > 0 && name != "body after the end" {
			t.Errorf("%s: made %d messages of it", name, came)
		}
	}
}

func headerOf(payload ...byte) []byte {
	frame, start := beginFrame(nil, frameHeader, 1)
	return endFrame(append(frame, payload...), start)
}

// A frame larger than any that was agreed on is the library's to refuse.
func TestAFrameThatIsTooLarge(t *testing.T) {
	t.Parallel()
	huge := bodyFrame(1, strings.Repeat("x", frameMax))
	stream := bytes.Join([][]byte{method(1, basicQosOK), deliverFrame(1, "me", 1, "x", "k"), contentFrame(1, frameMax, 0, 0), huge}, nil)
	in := intakeOn(bytes.NewReader(stream), func(driver.Delivery) { t.Error("it was taken") })
	got, err := io.ReadAll(in)
	if want := append(method(1, basicQosOK), huge...); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes were passed on, want %d; %v", len(got), len(want), err)
	}
}

// Memory is made for what arrives, not for what is announced.
func TestTheAnnouncedSizeIsNotBelieved(t *testing.T) {
	t.Parallel()
	k := &intake{tag: "me", pass: func(driver.Delivery) { t.Error("it is not complete") }}
	take := func(frame []byte) {
		t.Helper()
		if err := k.take(frame[0], frame[frameHead:len(frame)-1]); err != nil {
			t.Fatal(err)
		}
	}
	take(deliverFrame(1, "me", 1, "x", "k"))
	take(contentFrame(1, 1<<63, 0, 0))
	part := bodyFrame(1, strings.Repeat("x", 1000))
	grown := 0
	for i := range 1000 {
		had := cap(k.coming.Body)
		take(part)
		if have := cap(k.coming.Body); have > 2*(i+1)*1000 {
			t.Fatalf("room for %d bytes after %d", have, (i+1)*1000)
		} else if have != had {
			grown++
		}
	}
	if grown > 20 {
		t.Errorf("a body of 1000 frames was copied %d times", grown)
	}
}

// A message costs its body, its id, and what its headers are made of.
func TestADeliveryCostsFewAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun does not allow it
	var last driver.Delivery
	k := &intake{tag: "me", pass: func(d driver.Delivery) { last = d }}
	ids := [2]string{"0190a1b2-0000-7000-8000-000000000001", "0190a1b2-0000-7000-8000-000000000002"}
	messages := func(headers map[string]any) (frames [2][][]byte) {
		for i, id := range ids {
			var table []byte
			if headers != nil {
				table = appendTable(nil, headers)
			}
			all := appendPublish(nil, 1, frameMax, &driver.Message{
				ContentType: "application/json", ID: id, Timestamp: time.Unix(1700000000, 0), AppID: "bench", Body: []byte(`{"a":1}`),
			}, table)
			all = all[frameRim+int(binary.BigEndian.Uint32(all[3:])):] // the method is another
			header := all[:frameRim+int(binary.BigEndian.Uint32(all[3:]))]
			frames[i] = [][]byte{deliverFrame(1, "me", 1, "events", "order.made"), header, all[len(header):]}
		}
		return frames
	}
	for _, c := range []struct {
		headers map[string]any
		most    float64
	}{
		{nil, 2},
		{map[string]any{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "n": int64(1 << 40)}, 8},
	} {
		frames, i := messages(c.headers), 0
		got := testing.AllocsPerRun(100, func() {
			i++
			for _, frame := range frames[i%2] {
				if err := k.take(frame[0], frame[frameHead:len(frame)-1]); err != nil {
					t.Fatal(err)
				}
			}
		})
		if got > c.most {
			t.Errorf("%d headers: %v allocations, want at most %v", len(c.headers), got, c.most)
		}
		if last.ID != ids[i%2] || string(last.Body) != `{"a":1}` || last.AppID != "bench" || !reflect.DeepEqual(last.Headers, c.headers) {
			t.Errorf("got %+v", last)
		}
	}
}
