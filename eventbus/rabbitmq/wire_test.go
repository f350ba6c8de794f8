package rabbitmq

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// Writes never wait for the network, come out whole and in order, and say when there is too much.
func TestTheWireTakesWhatTheNetworkDoesNot(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	w := newWire(ours)
	defer w.Close()
	if w.noRoom() != nil {
		t.Error("an empty wire has no room")
	}
	var sent bytes.Buffer
	for i := 0; w.noRoom() == nil; i++ {
		chunk := bytes.Repeat([]byte{byte(i)}, 1000+i)
		sent.Write(chunk)
		if n, err := w.Write(chunk); n != len(chunk) || err != nil {
			t.Fatal(n, err)
		}
	}
	if sent.Len() < wireBacklog {
		t.Errorf("no room after %d bytes", sent.Len())
	}
	room := w.noRoom()
	got := make([]byte, sent.Len())
	if _, err := io.ReadFull(theirs, got); err != nil || !bytes.Equal(got, sent.Bytes()) {
		t.Errorf("what came out is not what went in: %v", err)
	}
	<-room
	eventually(t, func() bool { return w.noRoom() == nil })
}

// A link that dies wakes everybody and fails every later write.
func TestTheWireDies(t *testing.T) {
	t.Parallel()
	ours, theirs := net.Pipe()
	w := newWire(ours)
	for w.noRoom() == nil {
		_, _ = w.Write(make([]byte, 100_000))
	}
	room := w.noRoom()
	var reader sync.WaitGroup
	reader.Go(func() {
		if _, err := w.Read(make([]byte, 1)); err == nil {
			t.Error("read from a dead link")
		}
	})
	_ = theirs.Close()
	<-room
	reader.Wait()
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("wrote to a dead link")
	}
	<-w.flusher
	if err := w.Close(); err != nil {
		t.Error(err)
	}
}

// The last words are written, unless nobody listens.
func TestTheWireIsClosed(t *testing.T) {
	t.Parallel()
	for _, listening := range []bool{true, false} {
		ours, theirs := net.Pipe()
		w := newWire(ours)
		var heard []byte
		var listener sync.WaitGroup
		if listening {
			listener.Go(func() { heard, _ = io.ReadAll(theirs) })
		}
		_, _ = w.Write([]byte("goodbye"))
		start := time.Now()
		_ = w.Close()
		listener.Wait()
		if listening && string(heard) != "goodbye" {
			t.Errorf("heard %q", heard)
		}
		if took := time.Since(start); took > wireLastWords+patience {
			t.Errorf("Close took %v", took)
		}
		<-w.flusher
		if err := w.failure(); err == nil || listening && !errors.Is(err, errWireClosed) {
			t.Errorf("the wire says %v", err)
		}
		_ = theirs.Close()
	}
}
