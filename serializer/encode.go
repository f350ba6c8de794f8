package serializer

import (
	"context"
	"fmt"
	"strconv"
	"sync"
)

// encoder is the state of one showing.
type encoder struct {
	ctx  context.Context
	tiny bool
	base addr // the object at hand
	err  error

	found   []fetched // related objects, one entry for each relation in use
	scratch []byte
}

var encoders = sync.Pool{New: func() any { return new(encoder) }}

func newEncoder(ctx context.Context, tiny bool) *encoder {
	e := encoders.Get().(*encoder)
	e.ctx, e.tiny = ctx, tiny
	return e
}

// release gives the encoder back without what it refers to.
func (e *encoder) release() {
	clear(e.found)
	scratch := e.scratch[:0]
	if cap(scratch) > maxPooled {
		scratch = nil
	}
	*e = encoder{found: e.found[:0], scratch: scratch}
	encoders.Put(e)
}

const maxPooled = 1 << 20 // larger buffers are left to the garbage collector

func (e *encoder) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// object appends the object of p at base.
func (e *encoder) object(dst []byte, p *plan, base addr) []byte {
	outer := e.base
	e.base = base
	for _, f := range p.shown {
		dst = append(dst, f.key...)
		var a addr
		if f.source.hops == nil {
			a = base.add(f.source.offset)
		} else if through, ok := f.source.read(base); ok {
			a = through
		} else {
			dst = append(dst, "null"...)
			continue
		}
		switch f.op {
		case opString:
			dst = appendString(dst, *at[string](a))
		case opInt:
			dst = strconv.AppendInt(dst, int64(*at[int](a)), 10)
		case opInt64:
			dst = strconv.AppendInt(dst, *at[int64](a), 10)
		case opBool:
			dst = strconv.AppendBool(dst, *at[bool](a))
		default:
			if dst = f.codec.encode(e, dst, a); e.err != nil {
				e.err = fmt.Errorf("%s.%s: %w", p.schemaName(), f.name, e.err)
				return dst
			}
		}
	}
	e.base = outer
	if len(p.shown) == 0 {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}
