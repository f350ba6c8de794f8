package serializer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
)

const (
	streamChunk = 32 << 10 // bytes that are written and flushed at once
	streamBatch = 1000     // objects whose related objects are looked up at once
	streamCache = 10_000   // related objects of one field that are remembered for later batches
)

// Stream writes a JSON list of the objects as they come, in memory that does not grow with their number. It writes and, where w can, flushes
// every 32 KiB. Related objects are looked up for 1000 objects at a time, and remembered up to some number. When it returns an error, of a
// lookup, of w, of ctx, or about a value that JSON cannot hold, the list has no end, so that nobody takes it for a whole one.
func (s *shows[T]) Stream(ctx context.Context, w io.Writer, objects iter.Seq[T]) error {
	return s.StreamRows(ctx, w, func(yield func(T, error) bool) {
		for object := range objects {
			if !yield(object, nil) {
				return
			}
		}
	})
}

// StreamRows is Stream for a source that can fail, such as the rows of a database. Its first error ends the list and is returned.
func (s *shows[T]) StreamRows(ctx context.Context, w io.Writer, rows iter.Seq2[T, error]) error {
	e := newEncoder(ctx, s.tiny)
	defer e.release()
	buffer := buffers.Get().(*[]byte)
	defer putBuffer(buffer)
	st := stream[T]{shows: s, e: e, w: w, out: append((*buffer)[:0], '['), batch: make([]T, 0, 1)}
	if s.plan.gathers {
		st.batch = make([]T, 0, streamBatch)
	}
	defer func() { *buffer = st.out }()
	for object, err := range rows {
		if err != nil {
			return err
		}
		if st.batch = append(st.batch, object); len(st.batch) == cap(st.batch) {
			if err := st.show(); err != nil {
				return err
			}
		}
	}
	if err := st.show(); err != nil {
		return err
	}
	st.out = append(st.out, ']')
	return st.write()
}

// stream is the state of one streaming.
type stream[T any] struct {
	*shows[T]
	e     *encoder
	w     io.Writer
	out   []byte
	batch []T
	some  bool
}

// show shows the batch and empties it.
func (s *stream[T]) show() error {
	if s.plan.gathers {
		for i := range s.batch {
			s.e.want(s.plan, addrOf(&s.batch[i]))
		}
		if err := s.e.fetch(); err != nil {
			return err
		}
	}
	for i := range s.batch {
		if s.some {
			s.out = append(s.out, ',')
		}
		s.some = true
		if s.out = s.e.object(s.out, s.plan, addrOf(&s.batch[i])); s.e.err != nil {
			return fmt.Errorf("serializer: %w", s.e.err)
		}
		if len(s.out) >= streamChunk {
			if err := s.write(); err != nil {
				return err
			}
		}
	}
	clear(s.batch)
	s.batch = s.batch[:0]
	for _, f := range s.e.found {
		f.forget(streamCache)
	}
	return nil
}

// write hands over what there is.
func (s *stream[T]) write() error {
	if err := s.e.ctx.Err(); err != nil {
		return err
	}
	_, err := s.w.Write(s.out)
	s.out = s.out[:0]
	if err != nil {
		return fmt.Errorf("serializer: writing a stream: %w", err)
	}
	switch f := s.w.(type) {
	case http.Flusher:
		f.Flush()
	case interface{ FlushError() error }:
		err = f.FlushError()
	case interface{ Flush() error }:
		err = f.Flush()
	}
	if err != nil {
		return fmt.Errorf("serializer: flushing a stream: %w", err)
	}
	return nil
}

// RespondStream writes the objects as the JSON list of an answer, as they come. When it returns an error nothing has been written yet, so that
// the caller can answer with the error. What goes wrong later can no longer be told: it aborts the answer by panicking with
// http.ErrAbortHandler, which net/http takes as the wish to do so, and the client sees a body that breaks off.
func (s *shows[T]) RespondStream(w http.ResponseWriter, r *http.Request, status int, objects iter.Seq[T]) error {
	return respondStream(w, status, func(w io.Writer) error { return s.Stream(r.Context(), w, objects) })
}

// RespondRows is RespondStream for a source that can fail. See StreamRows.
func (s *shows[T]) RespondRows(w http.ResponseWriter, r *http.Request, status int, rows iter.Seq2[T, error]) error {
	return respondStream(w, status, func(w io.Writer) error { return s.StreamRows(r.Context(), w, rows) })
}

func respondStream(w http.ResponseWriter, status int, stream func(io.Writer) error) error {
	answer := &lateWriter{w: w, status: status}
	err := stream(answer)
	if err != nil && answer.begun {
		panic(http.ErrAbortHandler)
	}
	return err
}

// lateWriter sends the head of the answer when the first bytes of the body come.
type lateWriter struct {
	w      http.ResponseWriter
	status int
	begun  bool
}

func (l *lateWriter) Write(p []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.w.Header().Set("Content-Type", "application/json")
		l.w.WriteHeader(l.status)
	}
	return l.w.Write(p)
}

// FlushError flushes where the server can.
func (l *lateWriter) FlushError() error {
	if err := http.NewResponseController(l.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
