package rabbitmq

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

const (
	handshakeTimeout = 15 * time.Second // for a broker that accepts and says nothing
	goodbyeTimeout   = 2 * time.Second  // for a broker that does not answer the end of a connection or channel
	frameMax         = 128 << 10        // RabbitMQ's own
)

// A session is one connection, from its handshake to its end.
type session struct {
	conn  *amqp.Connection
	wire  *wire
	epoch uint64 // counts the sessions of a link, from 1

	closes chan *amqp.Error
	blocks chan amqp.Blocking

	lining sync.Mutex // held while a line or an intake is opened

	lost chan struct{} // closed when the connection is gone
	err  error         // why; set before lost is closed

	mu    sync.Mutex
	ended bool
	calls sync.WaitGroup // what waits for an answer on it; added to under mu, while not ended
}

// openSession dials once.
func openSession(ctx context.Context, s *settings, role string) (*session, error) {
	raw, err := (&net.Dialer{Timeout: handshakeTimeout}).DialContext(ctx, "tcp", s.addr())
	if err != nil {
		return nil, fmt.Errorf("rabbitmq: %w: %s: %w", driver.ErrUnavailable, s, err)
	}
	// The limit also holds for TLS; amqp091-go takes it off when the handshake is done.
	_ = raw.SetDeadline(time.Now().Add(handshakeTimeout))
	release := context.AfterFunc(ctx, func() { _ = raw.SetDeadline(time.Unix(1, 0)) })
	sess, err := handshake(ctx, raw, s, role)
	if inTime := release(); err == nil && !inTime {
		sess.end()
		err = context.Cause(ctx)
	}
	if err == nil {
		return sess, nil
	}
	_ = raw.Close()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w (%w)", context.Cause(ctx), err)
	}
	return nil, fmt.Errorf("rabbitmq: %w: %s: %w", kind(err), s, err)
}

func handshake(ctx context.Context, raw net.Conn, s *settings, role string) (*session, error) {
	if s.tls != nil {
		secure := tls.Client(raw, s.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		raw = secure
	}
	properties := amqp.Table{
		"product": "toolset", "platform": "Go", "connection_name": s.name + " (" + role + ")",
	}
	w := newWire(raw)
	conn, err := amqp.Open(w, amqp.Config{
		SASL:       []amqp.Authentication{&login{s.user, s.password, properties}},
		Vhost:      s.vhost,
		FrameSize:  frameMax,
		Heartbeat:  s.heartbeat,
		Locale:     "en_US",
		Properties: properties,
	})
	if err != nil {
		_ = w.Close()
		if _, ok := reply(err); !ok {
			// amqp091-go makes a wrong password, or a missing right, out of any link that breaks here.
			err = fmt.Errorf("the handshake broke off (when that repeats: is it AMQP 0-9-1, are user and password right?): %w", w.failure())
		}
		return nil, err
	}
	w.mayBeSilent(conn.Config.Heartbeat * 3 / 2)
	return &session{
		conn: conn, wire: w, lost: make(chan struct{}),
		closes: conn.NotifyClose(make(chan *amqp.Error, 1)),
		blocks: conn.NotifyBlocked(make(chan amqp.Blocking, 16)),
	}, nil
}

// A login is SASL PLAIN that also asks the broker to say why it refuses; without that RabbitMQ hangs up after 3 s and
// says nothing. amqp091-go builds its list of capabilities itself, right before it asks for the response.
type login struct {
	user, password string
	properties     amqp.Table
}

func (l *login) Mechanism() string { return "PLAIN" }

func (l *login) Response() string {
	if capabilities, ok := l.properties["capabilities"].(amqp.Table); ok {
		capabilities["authentication_failure_close"] = true
	}
	return "\x00" + l.user + "\x00" + l.password
}

// alive tells whether the connection is not known to be gone.
func (s *session) alive() bool {
	select {
	case <-s.lost:
		return false
	default:
		return !s.conn.IsClosed() && s.wire.failure() == nil
	}
}

// end closes the connection, politely where the broker answers in time, and waits until nothing runs on it.
func (s *session) end() {
	deadline := time.Now().Add(goodbyeTimeout)
	s.wire.leave(deadline)
	_ = s.conn.CloseDeadline(deadline) // an error means that it is closed already
	_ = s.wire.Close()
	<-s.wire.flusher
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.calls.Wait()
}

// begin runs fn on a goroutine that end waits for.
func (s *session) begin(fn func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return fmt.Errorf("rabbitmq: %w", driver.ErrUnavailable)
	}
	s.calls.Go(fn)
	return nil
}

// do runs fn, which waits for answers of the broker, and returns early when ctx ends. fn goes on then, and must touch
// nothing that its caller uses.
func (s *session) do(ctx context.Context, fn func() error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	result := make(chan error, 1)
	if err := s.begin(func() { result <- fn() }); err != nil {
		return err
	}
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// newChannel opens a channel. One too many is nothing that mends itself.
func (s *session) newChannel() (*amqp.Channel, error) {
	ch, err := s.conn.Channel()
	if errors.Is(err, amqp.ErrChannelMax) {
		err = fmt.Errorf("all %d channels that the broker allows on a connection are in use, one by each consumer: "+
			"use another Broker for more of them, or raise channel_max in rabbitmq.conf: %w", s.conn.Config.ChannelMax, err)
	}
	return ch, err
}

// channel runs fn on a channel of its own, which a mistake may cost.
func (s *session) channel(ctx context.Context, fn func(*amqp.Channel) error) error {
	return s.do(ctx, func() error {
		ch, err := s.newChannel()
		if err != nil {
			return wrap(err, "open a channel")
		}
		defer func() { _ = ch.Close() }()
		return fn(ch)
	})
}
