package rabbitmq

import (
	"context"
	"fmt"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A publisher spreads calls over its lanes.
type publisher struct {
	link     *link
	settings *settings
	lanes    []*lane
	stop     chan struct{} // closed by close
	running  sync.WaitGroup
}

func newPublisher(l *link, s *settings) *publisher {
	p := &publisher{link: l, settings: s, stop: make(chan struct{})}
	for range s.channels {
		lane := newLane(l, s, p.stop)
		p.lanes = append(p.lanes, lane)
		p.running.Go(lane.run)
	}
	return p
}

func (p *publisher) close() {
	close(p.stop)
}

// publish implements driver.Broker.Publish. A call stays on one lane, which keeps its messages in order.
func (p *publisher) publish(ctx context.Context, messages []driver.Message) error {
	if len(messages) == 0 {
		return nil
	}
	headers, err := prepareAll(messages, int(p.link.frame.Load()))
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return newBatch(messages, headers).abandon(p.why(ctx))
	}
	lane := p.idlest()
	b := newBatch(messages, headers)
	lane.hand(b)
	if cause := p.wait(ctx, b); cause != nil {
		return lane.abandon(b, cause)
	}
	err = b.result()
	b.release()
	return err
}

// wait returns nil when the batch is settled, or why the caller gives up before.
func (p *publisher) wait(ctx context.Context, b *batch) error {
	var (
		timer   *time.Timer
		timeout <-chan time.Time
	)
	defer func() {
		if timer != nil {
			timer.Stop()
		}
	}()
	for {
		blockade := p.link.blocked.Load()
		switch {
		case !blockade.on && timer != nil:
			timer.Stop()
			timer, timeout = nil, nil
		case blockade.on && timer == nil && p.settings.blockedTimeout > 0:
			timer = time.NewTimer(p.settings.blockedTimeout)
			timeout = timer.C
		}
		select {
		case <-b.done:
			return nil
		case <-blockade.over:
		case <-timeout:
			return fmt.Errorf("%w for %v: %s", driver.ErrBlocked, p.settings.blockedTimeout, blockade.reason)
		case <-ctx.Done():
			return p.why(ctx)
		case <-p.stop:
			return driver.ErrClosed
		}
	}
}

// why says what the caller waited for when its context ended.
func (p *publisher) why(ctx context.Context) error {
	cause := context.Cause(ctx)
	if b := p.link.blocked.Load(); b.on {
		return fmt.Errorf("%w (%w: %s)", cause, driver.ErrBlocked, b.reason)
	}
	if sess, _, down := p.link.now(); sess == nil && down != nil {
		return fmt.Errorf("%w (%w)", cause, down)
	}
	return cause
}

// idlest returns the lane with the fewest messages on their way.
func (p *publisher) idlest() *lane {
	best := p.lanes[0]
	load := best.load.Load()
	for _, l := range p.lanes[1:] {
		if n := l.load.Load(); n < load {
			best, load = l, n
		}
	}
	return best
}

// prepareAll checks all messages before the first is sent. One that is invalid fails the whole call, so that nothing was
// sent of a call that has to be mended.
func prepareAll(messages []driver.Message, frame int) ([][]byte, error) {
	var (
		headers [][]byte
		failed  []driver.FailedMessage
	)
	for i := range messages {
		table, err := prepare(&messages[i], frame)
		if err != nil {
			failed = append(failed, driver.FailedMessage{Index: i, Err: err})
		}
		if table != nil && headers == nil {
			headers = make([][]byte, len(messages))
		}
		if table != nil {
			headers[i] = table
		}
	}
	if failed == nil {
		return headers, nil
	}
	all := make([]driver.FailedMessage, 0, len(messages))
	first := failed[0]
	for i := range messages {
		if len(failed) > 0 && failed[0].Index == i {
			all, failed = append(all, failed[0]), failed[1:]
			continue
		}
		all = append(all, driver.FailedMessage{Index: i, Err: fmt.Errorf("rabbitmq: not sent: message %d of the call: %w", first.Index, first.Err)})
	}
	return nil, &driver.PublishError{Total: len(messages), Failed: all}
}
