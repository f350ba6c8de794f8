package eventbus_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// When its context ends, a consumer finishes what is in hand and leaves the rest untouched.
func TestRunFinishesWhatIsInHand(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		var handled []int
		stop := w.consume(eventbus.ConsumerConfig{}, w.created.Handle(func(ctx context.Context, p person) error {
			time.Sleep(3 * time.Second)
			handled = append(handled, p.ID)
			return ctx.Err()
		}))
		for i := range 5 {
			w.publish(w.created.Message(person{ID: i}))
		}
		pass(4 * time.Second) // 1 is in hand
		start := time.Now()
		if err := stop(); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("stopping took %v", took)
		}
		if len(handled) != 2 {
			t.Errorf("handled %v", handled)
		}
		left := w.holds(queue, 3)
		if string(left[0].Body) != `{"id":2}` {
			t.Errorf("left is %s", left[0].Body)
		}
	})
}

func TestRunGivesUpOnHandlersThatHang(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		obeys  bool
		policy eventbus.FailurePolicy
		want   error
		took   time.Duration
	}{
		"obeys its context":        {true, eventbus.Garbage{}, nil, 5 * time.Second},
		"would have been dropped":  {true, eventbus.Drop{}, nil, 5 * time.Second},
		"would have been requeued": {true, eventbus.Requeue{}, nil, 5 * time.Second},
		"hangs":                    {false, eventbus.Garbage{}, eventbus.ErrNotDrained, 6 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onFakeTime(t, func(t *testing.T, w *world) {
				release := make(chan struct{})
				stop := w.consume(eventbus.ConsumerConfig{DrainTimeout: 5 * time.Second, OnFailure: tt.policy},
					w.created.Handle(func(ctx context.Context, _ person) error {
						done := ctx.Done()
						if !tt.obeys {
							done = nil
						}
						select {
						case <-done:
							return ctx.Err()
						case <-release:
							return nil
						}
					}))
				w.publish(w.created.Message(person{}))
				synctest.Wait()
				start := time.Now()
				if err := stop(); !errors.Is(err, tt.want) {
					t.Errorf("Run: %v, want %v", err, tt.want)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("took %v, want %v", took, tt.took)
				}
				close(release)
				synctest.Wait()
				if d := w.holds(queue, 1)[0]; !d.Redelivered {
					t.Error("the message in hand did not come back")
				}
			})
		})
	}
}

// A context that carries values and ends is no reason for handlers to end at once.
func TestHandlersOutliveTheContextOfRun(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		type key struct{}
		c := eventbus.NewConsumer(w.broker, eventbus.ConsumerConfig{Queue: queue}, w.created.Handle(func(ctx context.Context, _ person) error {
			if ctx.Value(key{}) != "v" {
				t.Error("the values of Run's context are lost")
			}
			time.Sleep(2 * time.Second)
			if err := ctx.Err(); err != nil {
				t.Errorf("the handler's context ended early: %v", err)
			}
			return nil
		}))
		ctx, cancel := context.WithTimeout(context.WithValue(context.Background(), key{}, "v"), time.Second)
		defer cancel()
		if err := c.Declare(ctx); err != nil {
			t.Fatal(err)
		}
		w.publish(w.created.Message(person{}))
		if err := c.Run(ctx); err != nil {
			t.Error(err)
		}
		w.holds(queue, 0)
	})
}

func TestRunGoesOnAfterALostLink(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := 0
		stop := w.consume(eventbus.ConsumerConfig{}, w.created.Handle(func(_ context.Context, _ person) error {
			handled++
			if handled == 1 {
				w.broker.Cut() // its acknowledgement is lost
				time.AfterFunc(time.Second, w.broker.Mend)
			}
			return nil
		}))
		w.publish(w.created.Message(person{}))
		pass(2 * time.Second)
		if handled != 2 {
			t.Errorf("handled %d times, want 2", handled)
		}
		if err := stop(); err != nil {
			t.Error(err)
		}
		w.holds(queue, 0)
	})
}

// A queue that was deleted under a consumer is declared again.
func TestRunStartsAgainWhenItsQueueIsDeleted(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := 0
		w.consume(eventbus.ConsumerConfig{}, w.created.Handle(func(context.Context, person) error {
			handled++
			return nil
		}))
		synctest.Wait()
		for want := range 3 {
			if err := w.broker.DeleteQueue(queue); err != nil {
				t.Fatal(err)
			}
			pass(5 * time.Second)
			w.publish(w.created.Message(person{}, eventbus.Mandatory()))
			synctest.Wait()
			if handled != want+1 {
				t.Fatalf("handled %d, want %d", handled, want+1)
			}
		}
	})
}

func TestRunEndsWhenTheBrokerIsClosed(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		c := eventbus.NewConsumer(w.broker, eventbus.ConsumerConfig{Queue: queue}, w.created.Handle(ok))
		time.AfterFunc(time.Second, func() { _ = w.broker.Close() })
		if err := c.Run(context.Background()); !errors.Is(err, eventbus.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
	})
}

func TestRunEndsWhenTheBrokerIsClosedWhileAFailureIsStored(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		ended := make(chan error, 1)
		c := eventbus.NewConsumer(w.broker, eventbus.ConsumerConfig{Queue: queue, OnFailure: eventbus.Garbage{}, Logger: slog.New(slog.DiscardHandler)},
			w.created.Handle(func(context.Context, person) error {
				w.broker.Block(true)
				return errBoom
			}))
		if err := c.Declare(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.publish(w.created.Message(person{}))
		go func() { ended <- c.Run(context.Background()) }()
		pass(5 * time.Minute)
		if err := w.broker.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-ended; !errors.Is(err, eventbus.ErrClosed) {
			t.Errorf("Run: %v", err)
		}
	})
}

// A handled message is acknowledged soon, also when the next one keeps its handler busy.
func TestAHandledMessageDoesNotWaitForTheNextOne(t *testing.T) {
	t.Parallel()
	onFakeTime(t, func(t *testing.T, w *world) {
		handled := make(map[int]int)
		stop := w.consume(eventbus.ConsumerConfig{}, w.created.Handle(func(_ context.Context, p person) error {
			if handled[p.ID]++; p.ID == 2 {
				time.Sleep(time.Minute)
			}
			return nil
		}))
		w.publish(w.created.Message(person{ID: 1}), w.created.Message(person{ID: 2}))
		pass(time.Second)
		w.broker.Cut() // gives back what is not acknowledged
		w.broker.Mend()
		pass(3 * time.Minute)
		if err := stop(); err != nil {
			t.Error(err)
		}
		if handled[1] != 1 || handled[2] != 2 {
			t.Errorf("handled %v, want the first message once and the second twice", handled)
		}
	})
}
