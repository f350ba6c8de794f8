package rabbitmq

import (
	"context"
	"sync"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A channel keeps in order what amqp091-go leaves to its users: one call that waits for an answer at a time, and not a byte
// after the farewell. The broker ends the whole connection over an acknowledgement for a channel that has just been closed.
type channel struct {
	*amqp.Channel
	sess *session

	calling sync.Mutex // held while an answer is awaited

	sending sync.Mutex
	closing bool
}

func (s *session) openChannel() (*channel, error) {
	ch, err := s.newChannel()
	if err != nil {
		return nil, err
	}
	return &channel{Channel: ch, sess: s}, nil
}

// send writes something that has no answer.
func (c *channel) send(fn func() error) error {
	c.sending.Lock()
	defer c.sending.Unlock()
	if c.closing {
		return amqp.ErrClosed
	}
	return fn()
}

func (c *channel) ack(number uint64, multiple bool) error {
	return c.send(func() error { return c.Ack(number, multiple) })
}

func (c *channel) nack(number uint64, requeue bool) error {
	return c.send(func() error { return c.Nack(number, false, requeue) })
}

// exclusively runs fn, which waits for an answer, when no other call does.
func (c *channel) exclusively(fn func() error) error {
	c.calling.Lock()
	defer c.calling.Unlock()
	if err := c.send(func() error { return nil }); err != nil {
		return err
	}
	return fn()
}

// call runs fn, which waits for an answer, and returns early when ctx ends.
func (c *channel) call(ctx context.Context, fn func() error) error {
	return c.sess.do(ctx, func() error { return c.exclusively(fn) })
}

// close gives the deliveries of the channel back to the broker, and does not wait long for the answer. Nil means that the
// broker has dealt with everything that was sent on the channel.
func (c *channel) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), goodbyeTimeout)
	defer cancel()
	return c.sess.do(ctx, func() error {
		c.calling.Lock()
		defer c.calling.Unlock()
		c.sending.Lock()
		c.closing = true
		c.sending.Unlock()
		if c.IsClosed() {
			return amqp.ErrClosed
		}
		return c.Close()
	})
}
