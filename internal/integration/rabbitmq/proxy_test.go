package rabbitmq_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// A proxy stands between a client and the server, and breaks or stalls what passes.
type proxy struct {
	listener net.Listener
	target   string

	mu      sync.Mutex
	links   map[net.Conn]net.Conn
	stalled chan struct{} // closed when the links flow; replaced by stall
	delay   time.Duration // of each small piece, when it is slow
	refuse  bool
	refused int // clients so far
	held    int // directions in which something waits for the end of a stall
	running sync.WaitGroup
}

// newProxy listens on a port of its own until the test ends.
func newProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, target: target, links: make(map[net.Conn]net.Conn), stalled: make(chan struct{})}
	close(p.stalled)
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = l.Close()
		p.flow()
		p.cut()
		p.running.Wait()
	})
	return p
}

func (p *proxy) addr() (host, port string) {
	host, port, _ = net.SplitHostPort(p.listener.Addr().String())
	return host, port
}

// refusals counts the clients that were turned away.
func (p *proxy) refusals() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.refused
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		refuse := p.refuse
		if refuse {
			p.refused++
		}
		p.mu.Unlock()
		if refuse {
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.mu.Lock()
		p.links[client] = server
		p.mu.Unlock()
		p.running.Go(func() { p.pass(client, server) })
		p.running.Go(func() { p.pass(server, client) })
	}
}

// pass copies one direction; its end is the end of the link.
func (p *proxy) pass(from, to net.Conn) {
	buffer := make([]byte, 16<<10)
	for {
		p.mu.Lock()
		delay := p.delay
		p.mu.Unlock()
		piece := buffer
		if delay > 0 {
			piece = buffer[:512]
		}
		n, err := from.Read(piece)
		if n > 0 {
			time.Sleep(delay)
			p.wait()
			if _, err := to.Write(buffer[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = from.Close()
	_ = to.Close()
	p.mu.Lock()
	delete(p.links, from)
	delete(p.links, to)
	p.mu.Unlock()
}

// wait returns when the links flow.
func (p *proxy) wait() {
	p.mu.Lock()
	stalled := p.stalled
	p.held++
	p.mu.Unlock()
	<-stalled
	p.mu.Lock()
	p.held--
	p.mu.Unlock()
}

// holding counts the directions in which something waits.
func (p *proxy) holding() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// cut breaks all links in the middle of whatever they carry.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for client, server := range p.links {
		for _, conn := range []net.Conn{client, server} {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0) // a reset, not a farewell
			}
			_ = conn.Close()
		}
	}
}

// stall holds everything back, as a network that has gone silent.
func (p *proxy) stall() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stalled = make(chan struct{})
}

// slow lets only small pieces through, each after a delay; 0 ends that.
func (p *proxy) slow(delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = delay
}

func (p *proxy) flow() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.stalled:
	default:
		close(p.stalled)
	}
}

// accepting lets new connections in or not.
func (p *proxy) accepting(yes bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = !yes
}
