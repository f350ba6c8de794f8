package rabbitmq

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"
)

// A fakeServer speaks as much of AMQP 0-9-1 as a publisher needs, and answers as the test wants: a real broker cannot be
// made to nack, to confirm out of order or to hang up at a chosen moment.
type fakeServer struct {
	t        testing.TB
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	conns map[*fakeConn]struct{}
	asked map[[2]uint16]int // how often, by class and method

	// publish is called for each message that arrives, in order, on the goroutine of its connection.
	publish func(p published)
	// consume, when set, takes the place of the answer to basic.consume.
	consume func(c *fakeConn, channel uint16, tag string)
	// greet, when set, may refuse a connection after its start-ok: false means that it is done with it.
	greet func(c *fakeConn) bool
	// limits, when set, are the largest channel number and frame that the server takes; 0 stands for no limit.
	limits func() (channels uint16, frame uint32)
	// frame, when set, is called before each frame is read.
	frame func()
	// confirms, when set, is called after a channel was put into confirm mode.
	confirms func(c *fakeConn, channel uint16)
	// bye, when set, takes the place of the answer to connection.close.
	bye func(c *fakeConn)
}

type published struct {
	conn          *fakeConn
	channel       uint16
	tag           uint64 // of the channel, from 1
	exchange, key string
	method        []byte // beside class and method
	properties    []byte
	body          string
	frames        int // that the body came in
}

type fakeConn struct {
	net.Conn
	mu   sync.Mutex // held while writing
	tags map[uint16]uint64
	over map[uint16]bool // channels whose end was answered
}

func newFakeServer(t testing.TB, publish func(p published)) *fakeServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &fakeServer{t: t, listener: l, conns: make(map[*fakeConn]struct{}), asked: make(map[[2]uint16]int), publish: publish}
	s.running.Go(s.accept)
	t.Cleanup(func() {
		_ = l.Close()
		s.hangUp()
		s.running.Wait()
	})
	return s
}

// dial connects a broker to the server; it is closed when the test ends.
func (s *fakeServer) dial(cfg Config) *Broker {
	s.t.Helper()
	b, err := Dial(context.Background(), s.config(cfg))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = b.Close() })
	return b
}

func (s *fakeServer) config(cfg Config) Config {
	host, port, _ := net.SplitHostPort(s.listener.Addr().String())
	cfg.Host = host
	cfg.Port, _ = strconv.Atoi(port)
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// hangUp breaks all connections without a word.
func (s *fakeServer) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.Close()
	}
}

func (s *fakeServer) each(f func(c *fakeConn)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		f(c)
	}
}

func (s *fakeServer) accept() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		c := &fakeConn{Conn: conn, tags: make(map[uint16]uint64), over: make(map[uint16]bool)}
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		s.running.Go(func() {
			s.serve(c)
			_ = conn.Close()
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

func (s *fakeServer) serve(c *fakeConn) {
	r := bufio.NewReader(c)
	if _, err := io.ReadFull(r, make([]byte, 8)); err != nil {
		return
	}
	c.method(0, 10, 10, []byte{0, 9}, table(), long("PLAIN"), long("en_US"))
	var (
		content *published
		size    uint64
		body    bytes.Buffer
	)
	for {
		if s.frame != nil {
			s.frame()
		}
		kind, channel, payload, err := readFrame(r)
		if err != nil {
			return
		}
		switch kind {
		case 2:
			size = binary.BigEndian.Uint64(payload[4:12])
			content.properties = payload[12:]
		case 3:
			body.Write(payload)
			content.frames++
		case 1:
			class, method := binary.BigEndian.Uint16(payload), binary.BigEndian.Uint16(payload[2:])
			if class == 60 && method == 40 {
				if c.over[channel] {
					s.t.Errorf("a message on channel %d, which has ended", channel)
				}
				c.tags[channel]++
				content = &published{conn: c, channel: channel, tag: c.tags[channel], method: payload[4:]}
				content.exchange, content.key = shorts(payload[6:])
				continue
			}
			if class == 60 && (method == 20 || method == 30) {
				s.consumer(c, channel, method, payload[4:])
				continue
			}
			if !s.answer(c, channel, class, method) {
				return
			}
			continue
		}
		if content != nil && uint64(body.Len()) == size {
			content.body = body.String()
			body.Reset()
			s.publish(*content)
			content = nil
		}
	}
}

// answer replies to a method with its -ok. False ends the connection.
func (s *fakeServer) answer(c *fakeConn, channel, class, method uint16) bool {
	s.mu.Lock()
	s.asked[[2]uint16{class, method}]++
	s.mu.Unlock()
	switch [2]uint16{class, method} {
	case [2]uint16{10, 11}: // start-ok
		if s.greet != nil && !s.greet(c) {
			return false
		}
		var channels uint16
		frame := uint32(128 << 10)
		if s.limits != nil {
			channels, frame = s.limits()
		}
		c.method(0, 10, 30, binary.BigEndian.AppendUint16(nil, channels), binary.BigEndian.AppendUint32(nil, frame), []byte{0, 0}) // tune
	case [2]uint16{10, 31}, [2]uint16{60, 80}: // tune-ok, ack
	case [2]uint16{20, 41}: // close-ok
		c.over[channel] = true
	case [2]uint16{10, 50}: // close
		if s.bye != nil {
			s.bye(c)
			return true
		}
		c.method(0, 10, 51)
		return false
	case [2]uint16{20, 10}: // channel.open
		c.tags[channel], c.over[channel] = 0, false
		c.method(channel, 20, 11, long(""))
	case [2]uint16{50, 10}: // queue.declare
		c.method(channel, 50, 11, short("q"), make([]byte, 8))
	case [2]uint16{10, 40}: // open
		c.method(0, 10, 41, short(""))
	case [2]uint16{85, 10}: // confirm.select
		c.method(channel, 85, 11)
		if s.confirms != nil {
			s.confirms(c, channel)
		}
	default:
		c.method(channel, class, method+1)
	}
	return true
}

// consumer answers basic.consume and basic.cancel.
func (s *fakeServer) consumer(c *fakeConn, channel, method uint16, arguments []byte) {
	s.mu.Lock()
	s.asked[[2]uint16{60, method}]++
	s.mu.Unlock()
	tag, _ := shorts(append(arguments, 0))
	if method == 20 {
		_, tag = shorts(arguments[2:])
		if s.consume != nil {
			s.consume(c, channel, tag)
			return
		}
	}
	c.method(channel, 60, method+1, short(tag))
}

func (c *fakeConn) consumeOK(channel uint16, tag string) { c.method(channel, 60, 21, short(tag)) }

// deliver sends a message, which has its body in one frame.
func (c *fakeConn) deliver(channel uint16, tag string, n uint64, body string) {
	c.method(channel, 60, 60, short(tag), number(n), flag(false), short("x"), short("k"))
	c.content(channel, []byte{0, 0}, body)
}

func (c *fakeConn) ack(channel uint16, tag uint64, multiple bool) {
	c.method(channel, 60, 80, number(tag), flag(multiple))
}

func (c *fakeConn) nack(channel uint16, tag uint64, multiple bool) {
	c.method(channel, 60, 120, number(tag), flag(multiple))
}

func (c *fakeConn) closeChannel(channel, code uint16, text string) {
	c.method(channel, 20, 40, binary.BigEndian.AppendUint16(nil, code), short(text), make([]byte, 4))
}

func (c *fakeConn) method(channel, class, method uint16, arguments ...[]byte) {
	payload := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(nil, class), method)
	payload = append(payload, bytes.Join(arguments, nil)...)
	c.frame(1, channel, payload)
}

// content sends the properties, which begin with their flags, and the body in one frame.
func (c *fakeConn) content(channel uint16, properties []byte, body string) {
	c.frame(2, channel, bytes.Join([][]byte{{0, 60, 0, 0}, number(uint64(len(body))), properties}, nil))
	c.frame(3, channel, []byte(body))
}

func (c *fakeConn) frame(kind byte, channel uint16, payload []byte) {
	frame := binary.BigEndian.AppendUint16([]byte{kind}, channel)
	frame = binary.BigEndian.AppendUint32(frame, uint32(len(payload)))
	frame = append(append(frame, payload...), 0xCE)
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Write(frame) // the connection may be gone, which is what the test wanted
}

func readFrame(r io.Reader) (kind byte, channel uint16, payload []byte, err error) {
	head := make([]byte, 7)
	if _, err = io.ReadFull(r, head); err != nil {
		return 0, 0, nil, err
	}
	payload = make([]byte, binary.BigEndian.Uint32(head[3:])+1)
	_, err = io.ReadFull(r, payload)
	return head[0], binary.BigEndian.Uint16(head[1:]), payload[:len(payload)-1], err
}

func short(s string) []byte { return append([]byte{byte(len(s))}, s...) }
func long(s string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(s))), s...)
}
func table() []byte { return make([]byte, 4) }
func number(n uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, n)
}

func flag(on bool) []byte {
	if on {
		return []byte{1}
	}
	return []byte{0}
}

func shorts(b []byte) (first, second string) {
	n := int(b[0])
	first, b = string(b[1:1+n]), b[1+n:]
	return first, string(b[1 : 1+int(b[0])])
}

const patience = 10 * time.Second

func eventually(t testing.TB, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("what should happen does not happen")
		}
	}
}
