package serializer

import (
	"context"
	"fmt"
	"sync"
)

// encoder is the state of one showing.
type encoder struct {
	ctx  context.Context
	tiny bool
	base addr // the object at hand
	err  error

	depth int // of objects that contain themselves

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

// deeper enters an object that may contain itself.
func (e *encoder) deeper() bool {
	if e.depth++; e.depth > maxDepth {
		e.fail("nested deeper than %d levels; does an object contain itself?", maxDepth)
		return false
	}
	return true
}

// object appends the object of p at base.
func (e *encoder) object(dst []byte, p *plan, base addr) []byte {
	outer := e.base
	if p.gathers {
		e.base = base
	}
	if p.recursive && !e.deeper() {
		return dst
	}
	steps := p.steps
	for i := range steps {
		s := &steps[i]
		dst = room(dst, keySize)
		n := len(dst)
		*(*[keySize]byte)(dst[n : n+keySize]) = s.key
		if dst = dst[:n+s.keyLen]; s.keyLen == 0 {
			dst = s.longKey(dst)
		}
		a := base.add(s.offset)
		if s.indirect {
			if a = s.follow(base); a.isNil() {
				dst = append(dst, "null"...)
				continue
			}
		}
		switch s.op {
		case opString:
			dst = appendString(dst, *at[string](a))
		case opInt:
			dst = appendInt(dst, int64(*at[int](a)))
		case opInt8:
			dst = appendInt(dst, int64(*at[int8](a)))
		case opInt16:
			dst = appendInt(dst, int64(*at[int16](a)))
		case opInt32:
			dst = appendInt(dst, int64(*at[int32](a)))
		case opInt64:
			dst = appendInt(dst, *at[int64](a))
		case opUint:
			dst = appendUint(dst, uint64(*at[uint](a)))
		case opUint8:
			dst = appendUint(dst, uint64(*at[uint8](a)))
		case opUint16:
			dst = appendUint(dst, uint64(*at[uint16](a)))
		case opUint32:
			dst = appendUint(dst, uint64(*at[uint32](a)))
		case opUint64:
			dst = appendUint(dst, *at[uint64](a))
		case opBool:
			dst = appendBool(dst, *at[bool](a))
		default:
			if dst = s.codec.encode(e, dst, a); e.err != nil {
				e.err = fmt.Errorf("%s.%s: %w", p.schemaName(), s.field.name, e.err)
				return dst
			}
		}
	}
	if p.gathers {
		e.base = outer
	}
	if p.recursive {
		e.depth--
	}
	if len(p.steps) == 0 {
		dst = append(dst, '{')
	}
	return append(dst, '}')
}
