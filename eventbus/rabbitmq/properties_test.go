package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"reflect"
	"testing"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A library is amqp091-go on a wire that has no intake, as the judge of what an intake makes of the same frames.
type library struct {
	s     *fakeServer
	began chan *fakeConn

	server     *fakeConn
	conn       *amqp.Connection
	deliveries <-chan amqp.Delivery
}

func newLibrary(t testing.TB) *library {
	l := &library{s: newFakeServer(t, nil), began: make(chan *fakeConn, 1)}
	l.s.consume = func(c *fakeConn, channel uint16, tag string) {
		c.consumeOK(channel, tag)
		l.began <- c
	}
	t.Cleanup(l.close)
	return l
}

func (l *library) open(t testing.TB) {
	t.Helper()
	raw, err := net.Dial("tcp", l.s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if l.conn, err = amqp.Open(newWire(raw), amqp.Config{SASL: []amqp.Authentication{&amqp.PlainAuth{}}, FrameSize: frameMax}); err != nil {
		t.Fatal(err)
	}
	ch, err := l.conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	if l.deliveries, err = ch.Consume("q", "me", true, false, false, false, nil); err != nil {
		t.Fatal(err)
	}
	l.server = <-l.began
}

func (l *library) close() {
	if l.conn != nil {
		_ = l.conn.Close()
		l.conn = nil
	}
}

// read returns what the library makes of the frames of one message. It is not fine when the library ends the connection.
func (l *library) read(t testing.TB, frames ...[]byte) (d driver.Delivery, fine bool) {
	t.Helper()
	if l.conn == nil || l.conn.IsClosed() {
		l.open(t)
	}
	l.server.mu.Lock()
	_, _ = l.server.Write(bytes.Join(frames, nil))
	l.server.mu.Unlock()
	select {
	case theirs, ok := <-l.deliveries:
		if !ok {
			l.close()
			return d, false
		}
		return delivery(&theirs, 0), true
	case <-time.After(patience):
		t.Fatalf("the library is silent about %q", frames)
		return d, false
	}
}

// ours returns what an intake makes of the same.
func ours(frames ...[]byte) (d driver.Delivery, err error) {
	k := &intake{tag: "me", pass: func(got driver.Delivery) { d = got }}
	for _, frame := range frames {
		buffer := bytes.Clone(frame)
		if err := k.take(buffer[0], buffer[frameHead:len(buffer)-1]); err != nil {
			return d, err
		}
		clear(buffer) // as it is used for what comes next
	}
	return d, nil
}

// dump shows types, nil and NaN.
func dump(d driver.Delivery) string { return fmt.Sprintf("%#v", d) }

// What is read from the frames that amqp091-go writes is the message, and what its own reader makes of them, type for type.
func TestDeliveriesAreThoseOfTheLibrary(t *testing.T) {
	t.Parallel()
	arrived := make(chan published, 1)
	s := newFakeServer(t, func(p published) { arrived <- p })
	conn, err := amqp.Dial("amqp://" + s.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	ch, err := conn.Channel()
	if err != nil {
		t.Fatal(err)
	}
	judge := newLibrary(t)
	when := time.Unix(1700000000, 0).UTC()
	full := driver.Message{
		Exchange: "x", RoutingKey: "k", Body: []byte("b"), ContentType: "application/json", ContentEncoding: "utf-8",
		Priority: 3, Expiration: "60000", CorrelationID: "c", ReplyTo: "r", ID: "i", Timestamp: when, Type: "t", UserID: "u", AppID: "a",
	}
	messages := []driver.Message{full, {Body: []byte{}, Transient: true}, {Exchange: "x", Body: []byte("b"), Transient: true, Headers: map[string]any{"": ""}}}
	for _, value := range []any{
		nil, true, false, int8(-1), uint8(200), int16(-300), uint16(65000), int32(-5), uint32(4e9), int64(math.MinInt64), float32(1.5), -2.5,
		math.Inf(-1), "", "ж", []byte{}, []byte{0, 255}, when, time.Unix(-1, 0).UTC(), []any(nil), []any{"a", map[string]any{"k": []any{int64(1), nil}}},
		map[string]any{}, map[string]any{"in": map[string]any{"d": driver.Decimal{Scale: 2, Value: -314}}}, driver.Decimal{Scale: 255, Value: math.MinInt32},
		map[string]any{"count": int64(3), "time": when, "routing-keys": []any{"a", "b"}, "exchange": "", "list": []any{map[string]any{}, []any(nil), []byte{1}}},
	} {
		m := full
		m.Headers = map[string]any{"h": value, "other": "text"}
		messages = append(messages, m)
	}
	for i, m := range messages {
		mode := amqp.Persistent
		if m.Transient {
			mode = amqp.Transient * uint8(i%2) // and none at all
		}
		if err := ch.Publish(m.Exchange, m.RoutingKey, false, false, amqp.Publishing{
			Headers: theirs(m.Headers), ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, DeliveryMode: mode,
			Priority: m.Priority, CorrelationId: m.CorrelationID, ReplyTo: m.ReplyTo, Expiration: m.Expiration, MessageId: m.ID,
			Timestamp: m.Timestamp, Type: m.Type, UserId: m.UserID, AppId: m.AppID, Body: m.Body,
		}); err != nil {
			t.Fatal(err)
		}
		p := <-arrived
		frames := [][]byte{deliverFrame(1, "me", 5, m.Exchange, m.RoutingKey), contentFrame(1, uint64(len(m.Body)), p.properties...)}
		if len(m.Body) > 0 {
			frames = append(frames, bodyFrame(1, string(m.Body)))
		}
		want, fine := judge.read(t, frames...)
		got, err := ours(frames...)
		if !fine || err != nil || dump(got) != dump(want) {
			t.Errorf("message %d: got\n%s, %v; want\n%s, %v", i, dump(got), err, dump(want), fine)
		}
		if meant := (driver.Delivery{Message: m, Tag: driver.Tag{Number: 5}}); !reflect.DeepEqual(got, meant) {
			t.Errorf("message %d: got\n%s, want\n%s", i, dump(got), dump(meant))
		}
	}
}

// Whatever the properties are, the message is the one that amqp091-go makes of them, or both end the connection.
func FuzzDelivery(f *testing.F) {
	full := appendProperties(nil, &driver.Message{
		ContentType: "a", ContentEncoding: "b", Priority: 1, CorrelationID: "c", ReplyTo: "r", Expiration: "1", ID: "i",
		Timestamp: time.Unix(1, 0), Type: "t", UserID: "u", AppID: "a",
	}, appendTable(nil, map[string]any{
		"list": []any{nil, true, int8(1), uint8(2), int16(3), uint16(4), int32(5), uint32(6), int64(7), float32(8), 9.5, "s", []byte("x")},
		"rare": []any{time.Unix(5, 0), driver.Decimal{Scale: 1, Value: 2}, map[string]any{"in": []any{}}},
	}))
	f.Add(uint64(1), true, "x", "k", full, "body", 2)
	f.Add(uint64(0), false, "", "", []byte{0, 0}, "", 1)
	f.Add(uint64(2), false, "x", "k", append([]byte{0xff, 0xff}, bytes.Repeat([]byte{0}, 40)...), "b", 9)
	deep := nested(40, 'F')[1:]
	f.Add(uint64(3), false, "x", "k", append([]byte{0x20, 0}, deep...), "b", 1)
	f.Add(uint64(4), false, "x", "k", append([]byte{0x20, 0}, appendLong(nil, append([]byte("\x04good"), "t\x01\x03odd?\x01"...))...), "b", 1)
	judge := newLibrary(f)
	f.Fuzz(func(t *testing.T, n uint64, redelivered bool, exchange, key string, properties []byte, body string, part int) {
		if len(exchange) > 255 || len(key) > 255 || len(properties) < 2 || len(properties)+len(body) > 60_000 {
			return
		}
		frames := [][]byte{
			method(1, basicDeliver, bytes.Join([][]byte{short("me"), number(n), flag(redelivered), short(exchange), short(key)}, nil)...),
			contentFrame(1, uint64(len(body)), properties...),
		}
		for part = max(1, part, len(body)/100); len(body) > 0; {
			size := min(part, len(body))
			frames = append(frames, bodyFrame(1, body[:size]))
			body = body[size:]
		}
		got, err := ours(frames...)
		want, fine := judge.read(t, frames...)
		if fine != (err == nil) || fine && dump(got) != dump(want) {
			t.Fatalf("got\n%s, %v; want\n%s, %v", dump(got), err, dump(want), fine)
		}
	})
}

// Whatever comes on the channel, in whatever order, nothing panics, and memory grows with what came alone.
func FuzzFramesOfDeliveries(f *testing.F) {
	good := bytes.Join([][]byte{deliverFrame(1, "me", 1, "x", "k"), contentFrame(1, 3, 0x80, 0, 1, 'j'), bodyFrame(1, "abc")}, nil)
	f.Add(good)
	f.Add(bytes.Join([][]byte{good, deliverFrame(1, "me", 2, "x", "k"), contentFrame(1, 1<<62, 0, 0), good}, nil))
	f.Add(binary.BigEndian.AppendUint32([]byte{frameBody, 0, 1}, math.MaxUint32))
	f.Fuzz(func(t *testing.T, stream []byte) {
		bytesOf := 0
		in := intakeOn(bytes.NewReader(append(method(1, basicQosOK), stream...)), func(d driver.Delivery) {
			bytesOf += len(d.Body)
			if cap(d.Body) > 2*len(stream) {
				t.Errorf("room for %d bytes", cap(d.Body))
			}
		})
		for p := make([]byte, 100); ; {
			if _, err := in.Read(p); err != nil {
				break
			}
		}
		if bytesOf > len(stream) {
			t.Errorf("%d bytes of bodies came in %d", bytesOf, len(stream))
		}
	})
}
