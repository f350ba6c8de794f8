package eventbustest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

var publishChecks = []check{
	{"publish/confirmed is in the queue", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprint(i))
			s.publish(b, q, want[i])
		}
		// Confirmed means now, not soon.
		if p := s.peek(s.broker(), q); len(p) != len(want) {
			s.Fatalf("%d messages were confirmed, the queue holds %d", len(want), len(p))
		}
		s.holds(b, q, want...)
	}},
	{"publish/a batch keeps its order", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		var want []string
		for i := range 600 {
			want = append(want, fmt.Sprint(i))
		}
		s.publish(b, q, want...)
		s.holds(b, q, want...)
	}},
	{"publish/concurrent callers", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		var want []string
		var wg sync.WaitGroup
		for i := range 8 {
			for j := range 25 {
				want = append(want, fmt.Sprintf("%d-%d", i, j))
			}
			wg.Go(func() {
				for j := range 25 {
					if err := b.Publish(s.ctx, messages(q, fmt.Sprintf("%d-%d", i, j))); err != nil {
						s.Errorf("publish: %v", err)
					}
				}
			})
		}
		wg.Wait()
		var got []string
		for _, d := range s.peek(b, q) {
			got = append(got, string(d.Body))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			s.Errorf("the queue holds %s, want %s", short(got), short(want))
		}
	}},
	{"publish/properties arrive as they were", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		sent := driver.Message{
			RoutingKey: q, Body: []byte("\x00\xff{"), ContentType: "application/json", ContentEncoding: "utf-8",
			Priority: 3, CorrelationID: "c", ReplyTo: "r", ID: "i", Timestamp: time.Unix(1700000000, 0), Type: "t", AppID: "a",
			Headers: map[string]any{
				"text": "ж", "bytes": []byte{0, 1}, "yes": true, "nothing": nil, "number": int64(1 << 40), "small": int32(-5),
				"float": 1.5, "time": time.Unix(1700000001, 0), "list": []any{"a", int64(1)}, "table": map[string]any{"k": "v"},
			},
		}
		s.must(b.Publish(s.ctx, []driver.Message{sent}))
		got := s.holds(b, q, string(sent.Body))[0].Message
		if !got.Timestamp.Equal(sent.Timestamp) {
			s.Errorf("timestamp %v, want %v", got.Timestamp, sent.Timestamp)
		}
		got.Timestamp = sent.Timestamp
		for name, want := range sent.Headers {
			have := got.Headers[name]
			if t, ok := want.(time.Time); ok {
				h, ok := have.(time.Time)
				if !ok || !h.Equal(t) {
					s.Errorf("header %q is %#v, want %v", name, have, t)
				}
			} else if !reflect.DeepEqual(have, want) {
				s.Errorf("header %q is %#v, want %#v", name, have, want)
			}
		}
		sent.Headers, got.Headers = nil, nil
		if !reflect.DeepEqual(got, sent) {
			s.Errorf("got  %+v\nwant %+v", got, sent)
		}
	}},
	{"publish/headers of all types are taken", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		sent := map[string]any{
			"int": 7, "int8": int8(-1), "int16": int16(-300), "uint": uint(7), "uint8": uint8(200), "uint16": uint16(65000),
			"uint32": uint32(4e9), "uint64": uint64(7), "float32": float32(1.5), "strings": []string{"a", "b"},
			"nested": map[string]any{"k": []any{1, []string{"a"}}}, "decimal": driver.Decimal{Scale: 2, Value: 314},
		}
		want := map[string]any{
			"int": int64(7), "int8": int8(-1), "int16": int16(-300), "uint": int64(7), "uint8": uint8(200), "uint16": uint16(65000),
			"uint32": uint32(4e9), "uint64": int64(7), "float32": float32(1.5), "strings": []any{"a", "b"},
			"nested": map[string]any{"k": []any{int64(1), []any{"a"}}}, "decimal": driver.Decimal{Scale: 2, Value: 314},
		}
		s.must(b.Publish(s.ctx, []driver.Message{{RoutingKey: q, Body: []byte("1"), Headers: sent}}))
		got := s.holds(b, q, "1")[0].Headers
		if !reflect.DeepEqual(got, want) {
			s.Errorf("got  %#v\nwant %#v", got, want)
		}
	}},
	{"publish/what is not set is not sent", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		s.must(b.Publish(s.ctx, []driver.Message{{RoutingKey: q, Transient: true}}))
		got := s.holds(b, q, "")[0].Message
		if len(got.Body) == 0 {
			got.Body = nil
		}
		if len(got.Headers) == 0 {
			got.Headers = nil
		}
		if want := (driver.Message{RoutingKey: q, Transient: true}); !reflect.DeepEqual(got, want) {
			s.Errorf("got  %+v\nwant %+v", got, want)
		}
	}},
	{"publish/the caller's memory is its own", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		batch := messages(q, "before")
		batch[0].Headers = map[string]any{"k": "before"}
		s.must(b.Publish(s.ctx, batch))
		copy(batch[0].Body, "after!")
		batch[0].Headers["k"] = "after"
		if d := s.holds(b, q, "before")[0]; d.Headers["k"] != "before" {
			s.Errorf("the header is %q, want %q", d.Headers["k"], "before")
		}
	}},
	{"publish/mandatory without a queue is returned", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		batch := messages(q, "0", "1", "2")
		batch[1].RoutingKey = s.name("nobody")
		err := b.Publish(s.ctx, batch)
		s.mustBe(err, driver.ErrUnroutable)
		s.failedAre(err, 3, 1)
		s.holds(b, q, "0", "2")
	}},
	{"publish/not mandatory without a queue is confirmed", func(s *suite) {
		b := s.broker()
		s.must(b.Publish(s.ctx, []driver.Message{{RoutingKey: s.name("nobody")}}))
	}},
	{"publish/missing exchange", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		err := b.Publish(s.ctx, []driver.Message{{Exchange: s.name("missing"), RoutingKey: q}})
		s.mustBe(err, driver.ErrNotFound)
		s.failedAre(err, 1, 0)
		s.publish(b, q, "the link works on")
		s.holds(b, q, "the link works on")
	}},
	{"publish/invalid messages", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		long := strings.Repeat("x", 256)
		for what, m := range map[string]driver.Message{
			"long key":       {RoutingKey: long},
			"long exchange":  {Exchange: long, RoutingKey: q},
			"long id":        {RoutingKey: q, ID: long},
			"foreign header": {RoutingKey: q, Headers: map[string]any{"h": struct{}{}}},
			"nested header":  {RoutingKey: q, Headers: map[string]any{"h": []any{map[string]any{"x": make(chan int)}}}},
		} {
			if err := b.Publish(s.ctx, []driver.Message{m}); !errors.Is(err, driver.ErrInvalid) {
				s.Errorf("%s: want an error that is %q, got: %v", what, driver.ErrInvalid, err)
			}
		}
		s.publish(b, q, "the link works on")
		s.holds(b, q, "the link works on")
	}},
	{"publish/nothing at all", func(s *suite) {
		s.must(s.broker().Publish(s.ctx, nil))
	}},
	{"publish/with a context that has ended", func(s *suite) {
		b := s.broker()
		q := s.queue(b)
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		err := b.Publish(ctx, messages(q, "late"))
		if errors.Is(err, driver.ErrRefused) || !errors.Is(err, context.Canceled) {
			s.Fatalf("want an error that is %q, got: %v", context.Canceled, err)
		}
		s.failedAre(err, 1, 0)
	}},
}

// failedAre checks the positions in a PublishError.
func (s *suite) failedAre(err error, total int, positions ...int) {
	s.Helper()
	var pe *driver.PublishError
	if !errors.As(err, &pe) {
		s.Fatalf("want a *driver.PublishError, got: %v", err)
	}
	var got []int
	for _, f := range pe.Failed {
		got = append(got, f.Index)
	}
	if pe.Total != total || !slices.Equal(got, positions) {
		s.Fatalf("messages %v of %d failed, want %v of %d", got, pe.Total, positions, total)
	}
}
