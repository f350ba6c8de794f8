package rabbitmq

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Publishing pauses while so many bytes wait for the socket. One message beyond it is always taken.
	wireBacklog = 1 << 20
	// A buffer that one huge message has blown up is not kept.
	wireKeep = 4 * wireBacklog

	wireLastWords = 500 * time.Millisecond
)

// A wire is the connection that amqp091-go reads and writes. It does what the socket alone does not:
//
//   - A write never waits for the network: it appends to a buffer that a goroutine flushes. Frames that are written in
//     quick succession share a system call, and amqp091-go, which keeps its locks while it writes and needs the same
//     locks to shut down, cannot hang on a link that has stalled. Who has much to write asks for room first.
//   - When reading fails, the socket is closed at once and every later write fails.
//   - Lanes write the frames of their messages beside the library, which does not publish itself, and get the answers that
//     the wire sorts out of what it reads; see line and inbound.
//   - Subscriptions get their deliveries in the same way; see intake.
type wire struct {
	net.Conn
	in *inbound

	silence atomic.Int64 // how long the broker may say nothing, in nanoseconds; 0 for ever
	renewed time.Time    // when heard was last of consequence; the reader's

	leaving sync.Mutex // held while the read deadline is set
	left    bool       // the last one is set

	flushing sync.Mutex // held while the socket is written to

	mu      sync.Mutex
	out     []byte        // waits to be written
	spare   []byte        // the buffer that out takes turns with
	writing int           // bytes that the flusher has in hand
	err     error         // why the wire is dead
	room    chan struct{} // closed when there is room again; nil while nobody waits
	lines   map[uint16]*line

	work    chan struct{} // holds a token while out may hold something
	dead    chan struct{} // closed when err is set
	flusher chan struct{} // closed when the flusher has ended
}

func newWire(conn net.Conn) *wire {
	w := &wire{
		Conn: conn, lines: make(map[uint16]*line),
		work: make(chan struct{}, 1), dead: make(chan struct{}), flusher: make(chan struct{}),
	}
	w.in = newInbound(conn, w.lineOf, w.heard)
	go w.flushLoop()
	return w
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.in.Read(p)
	if err != nil {
		w.fail(err)
	}
	return n, err
}

// mayBeSilent bounds the silence of the broker from now on. amqp091-go does so, too, but only once it has read a frame.
func (w *wire) mayBeSilent(d time.Duration) {
	w.silence.Store(int64(d))
	_ = w.SetReadDeadline(time.Now().Add(d)) // it fails on a dead link only, whose end is under way
}

// SetReadDeadline bounds the silence of the broker. It does nothing once leave has set the last limit.
func (w *wire) SetReadDeadline(t time.Time) error {
	w.leaving.Lock()
	defer w.leaving.Unlock()
	if w.left {
		return nil
	}
	return w.Conn.SetReadDeadline(t)
}

// leave ends the wire at t, whatever the broker says until then.
func (w *wire) leave(t time.Time) {
	w.leaving.Lock()
	defer w.leaving.Unlock()
	w.left = true
	_ = w.Conn.SetReadDeadline(t)
}

// heard renews the bound for a frame that amqp091-go does not see. A broker that has answers to send sends no heartbeats.
func (w *wire) heard() {
	d := time.Duration(w.silence.Load())
	if now := time.Now(); d > 0 && now.Sub(w.renewed) > d/10 {
		w.renewed = now
		_ = w.SetReadDeadline(now.Add(d))
	}
}

func (w *wire) Write(p []byte) (int, error) {
	w.mu.Lock()
	if w.err != nil {
		w.mu.Unlock()
		return 0, w.err
	}
	w.out = append(w.out, p...)
	w.hangUp(p)
	w.mu.Unlock()
	w.kick()
	return len(p), nil
}

// kick has the flusher write what there is.
func (w *wire) kick() {
	select {
	case w.work <- struct{}{}:
	default:
	}
}

// noRoom returns nil when there is room to write, and else a channel that is closed when there is, or when the wire is
// dead.
func (w *wire) noRoom() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || len(w.out)+w.writing < wireBacklog {
		return nil
	}
	if w.room == nil {
		w.room = make(chan struct{})
	}
	return w.room
}

func (w *wire) flushLoop() {
	defer close(w.flusher)
	for {
		select {
		case <-w.work:
		case <-w.dead:
			return
		}
		if err := w.flush(); err != nil {
			w.fail(err)
			return
		}
	}
}

// flush writes until nothing is left.
func (w *wire) flush() error {
	w.flushing.Lock()
	defer w.flushing.Unlock()
	for {
		w.mu.Lock()
		batch := w.out
		w.out, w.spare, w.writing = w.spare[:0], nil, len(batch)
		w.mu.Unlock()
		var err error
		if len(batch) > 0 {
			_, err = w.Conn.Write(batch)
		}
		w.mu.Lock()
		w.writing = 0
		if cap(batch) <= wireKeep {
			w.spare = batch
		}
		if w.room != nil && len(w.out) < wireBacklog {
			close(w.room)
			w.room = nil
		}
		more := len(w.out) > 0
		w.mu.Unlock()
		if err != nil || !more {
			return err
		}
	}
}

func (w *wire) fail(err error) {
	w.mu.Lock()
	first := w.err == nil
	if first {
		w.err = err
		close(w.dead)
		if w.room != nil {
			close(w.room)
			w.room = nil
		}
	}
	w.mu.Unlock()
	if first {
		_ = w.Conn.Close()
	}
}

// failure returns why the wire is dead.
func (w *wire) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

var errWireClosed = errors.New("closed by this process")

// Close gives what was written last, such as the answer to the broker's goodbye, a moment to leave.
func (w *wire) Close() error {
	w.mu.Lock()
	alive := w.err == nil
	w.mu.Unlock()
	if alive {
		_ = w.Conn.SetWriteDeadline(time.Now().Add(wireLastWords))
		_ = w.flush() // an error is the flusher's to report, and the end is here anyway
	}
	w.fail(errWireClosed)
	return nil
}
