package serializer

// step shows one field: its key, then its value.
type step struct {
	key      [keySize]byte // with its comma and colon, where it fits
	keyLen   int           // 0 where it does not
	offset   uintptr
	op       op
	indirect bool // the value lies behind pointers
	pointer  bool // and the field itself is one of them
	codec    codec
	field    *field
}

const keySize = 32 // bytes that are copied whatever the length of the key is, since that takes two instructions

// op is a kind that is shown without a call through its codec.
type op uint8

const (
	opCodec op = iota
	opString
	opInt
	opInt8
	opInt16
	opInt32
	opInt64
	opUint
	opUint8
	opUint16
	opUint32
	opUint64
	opBool
)

func newStep(f *field, first bool) step {
	start := byte(',')
	if first {
		start = '{'
	}
	key := append(appendString([]byte{start}, f.name), ':')
	s := step{keyLen: len(key), offset: f.source.offset, indirect: len(f.source.hops) > 0, codec: f.codec, field: f}
	if copy(s.key[:], key); len(key) > keySize {
		s.keyLen = 0
	}
	if p, ok := s.codec.(*pointerCodec); ok {
		s.codec, s.indirect, s.pointer = p.elem, true, true
	}
	s.op = opOf(s.codec)
	return s
}

// opOf is the short cut for a codec.
func opOf(c codec) op {
	switch c := c.(type) {
	case *stringCodec, *uuidCodec:
		return opString
	case *numberCodec[int]:
		return opInt
	case *numberCodec[int8]:
		return opInt8
	case *numberCodec[int16]:
		return opInt16
	case *numberCodec[int32]:
		return opInt32
	case *numberCodec[int64]:
		return opInt64
	case *numberCodec[uint]:
		return opUint
	case *numberCodec[uint8]:
		return opUint8
	case *numberCodec[uint16]:
		return opUint16
	case *numberCodec[uint32]:
		return opUint32
	case *numberCodec[uint64]:
		return opUint64
	case *boolCodec:
		return opBool
	case *choicesCodec:
		return opOf(c.codec)
	}
	return opCodec
}

// longKey appends a key that is longer than a step holds.
func (s *step) longKey(dst []byte) []byte {
	return append(appendString(append(dst, s.key[0]), s.field.name), ':')
}

// follow is where the value lies, nil for null.
func (s *step) follow(base addr) addr {
	a, ok := s.field.source.read(base)
	if ok && s.pointer {
		return a.pointee()
	}
	return a // nil where it is not ok
}

func appendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
