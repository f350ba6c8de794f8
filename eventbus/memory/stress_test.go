package memory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Whatever consumers do, and however often links break, every confirmed message is acknowledged once.
func TestNothingIsLostOrDoubled(t *testing.T) {
	t.Parallel()
	const publishers, each = 4, 500
	server := New()
	declare(t, server, driver.Topology{Queues: []driver.Queue{{Name: "q"}}})

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	acked := make(map[string]int)
	all := make(chan struct{})
	note := func(body string) {
		mu.Lock()
		defer mu.Unlock()
		acked[body]++
		if len(acked) == publishers*each {
			select {
			case <-all:
			default:
				close(all)
			}
		}
	}
	var consumers sync.WaitGroup
	var links []*Broker
	for range 3 {
		b := server.Connect()
		links = append(links, b)
		sub := subscribe(t, b, "q", 5)
		consumers.Go(func() {
			for d := range sub.Deliveries() {
				switch rand.IntN(10) {
				case 0:
					_ = sub.Nack(d.Tag, true)
				default:
					if sub.Ack(d.Tag, false) == nil {
						note(string(d.Body))
					}
				}
			}
		})
	}
	consuming := slices.Clone(links)
	var publishing sync.WaitGroup
	for p := range publishers {
		b := server.Connect()
		links = append(links, b)
		publishing.Go(func() {
			for i := range each {
				if err := b.Publish(ctx, texts("q", fmt.Sprint(p, "-", i))); err != nil {
					t.Errorf("publish: %v", err)
					return
				}
				if i%50 == 49 {
					b := consuming[rand.IntN(len(consuming))]
					b.Cut()
					b.Mend()
				}
			}
		})
	}
	publishing.Wait()
	select {
	case <-all:
	case <-ctx.Done():
		t.Error("some messages never came")
	}
	for _, b := range links {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
	consumers.Wait()
	mu.Lock()
	defer mu.Unlock()
	for body, n := range acked {
		if n != 1 {
			t.Errorf("message %s was acknowledged %d times", body, n)
		}
	}
	if got := bodies(t, server, "q"); got != nil {
		t.Errorf("the queue still holds %q", got)
	}
}

// The fifo against a sorted slice.
func FuzzFIFO(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 1, 2, 2, 1})
	f.Fuzz(func(t *testing.T, steps []byte) {
		var q fifo
		var model, taken []uint64
		var last uint64
		for _, step := range steps {
			switch {
			case step%3 == 0:
				last++
				q.push(item{position: last})
				model = append(model, last)
			case step%3 == 1 && len(model) > 0:
				if got := q.pop().position; got != model[0] {
					t.Fatalf("popped %d, want %d", got, model[0])
				}
				taken, model = append(taken, model[0]), model[1:]
			case step%3 == 2 && len(taken) > 0:
				i := int(step) % len(taken)
				q.restore(item{position: taken[i]})
				model = append(slices.Clone(model), taken[i])
				slices.Sort(model)
				taken = slices.Delete(taken, i, i+1)
			}
			if q.len() != len(model) || len(model) > 0 && q.first().position != model[0] {
				t.Fatalf("length %d, want %v", q.len(), model)
			}
		}
	})
}
