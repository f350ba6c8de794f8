package eventbus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"sync"
	"unicode/utf8"
)

type jsonCodec[T any] struct{}

func (jsonCodec[T]) Append(_ context.Context, dst []byte, payload *T) ([]byte, error) {
	return appendJSON(dst, payload)
}

func (jsonCodec[T]) Decode(_ context.Context, body []byte) (T, error) {
	var payload T
	err := decodeJSON(body, &payload)
	return payload, err
}

// An encoder is kept with its buffer, so that a message costs one allocation for its body.
type encoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

var encoders = sync.Pool{New: func() any {
	e := new(encoder)
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false) // peers write < and & as they are
	return e
}}

const keptBuffer = 64 << 10

func appendJSON(dst []byte, v any) ([]byte, error) {
	e := encoders.Get().(*encoder)
	e.buf.Reset()
	if err := e.enc.Encode(v); err != nil {
		return dst, err // not put back: an encoder remembers a failed write
	}
	dst = append(dst, bytes.TrimSuffix(e.buf.Bytes(), []byte("\n"))...)
	if e.buf.Cap() <= keptBuffer {
		encoders.Put(e)
	}
	return dst, nil
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	errNotUTF8    = errors.New("not UTF-8")
	errEmptyBody  = errors.New("empty body")
)

// decodeJSON is stricter than json.Unmarshal, which would replace broken UTF-8 in silence, and takes the byte order
// mark that Python takes.
func decodeJSON(body []byte, into any) error {
	body = bytes.TrimPrefix(body, byteOrderMark)
	if len(body) == 0 {
		return errEmptyBody
	}
	if !utf8.Valid(body) {
		return errNotUTF8
	}
	return json.Unmarshal(body, into)
}
