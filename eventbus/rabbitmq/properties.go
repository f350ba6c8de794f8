package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"math"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// properties reads the flags and the properties of a message. What follows the last one is ignored, as amqp091-go does.
func (p *parser) properties(m, last *driver.Message) {
	flags := p.uint16()
	has := func(bit uint) bool { return flags>>bit&1 != 0 }
	text := func(bit uint, last string) string {
		if !has(bit) {
			return ""
		}
		return p.short(last)
	}
	m.ContentType = text(15, last.ContentType)
	m.ContentEncoding = text(14, last.ContentEncoding)
	if has(13) {
		m.Headers = p.headers()
	}
	m.Transient = !has(12) || p.octet() != 2
	if has(11) {
		m.Priority = p.octet()
	}
	m.CorrelationID = text(10, last.CorrelationID)
	m.ReplyTo = text(9, last.ReplyTo)
	m.Expiration = text(8, last.Expiration)
	m.ID = text(7, last.ID)
	if has(6) {
		m.Timestamp = utc(time.Unix(int64(p.uint64()), 0)) //nolint:gosec // the bits stay
	}
	m.Type = text(5, last.Type)
	m.UserID = text(4, last.UserID)
	m.AppID = text(3, last.AppID)
	text(2, "") // the cluster's, out of use
}

// headers reads a table without those entries that amqp091-go refuses as well; see mend.
func (p *parser) headers() map[string]any {
	table := p.take(int(p.uint32()))
	if p.failed {
		return nil
	}
	if !readableTable(table, 0) {
		table = readableEntriesOf(table)
	}
	f := fields{b: table, s: string(table)}
	return f.table()
}

// fields reads a table that is known to be readable. The texts in it share the memory of s, which is the same as b.
type fields struct {
	b []byte
	s string
}

func (f *fields) take(n int) fields {
	taken := fields{f.b[:n], f.s[:n]}
	f.b, f.s = f.b[n:], f.s[n:]
	return taken
}

func (f *fields) octet() byte    { return f.take(1).b[0] }
func (f *fields) uint16() uint16 { return binary.BigEndian.Uint16(f.take(2).b) }
func (f *fields) uint32() uint32 { return binary.BigEndian.Uint32(f.take(4).b) }
func (f *fields) uint64() uint64 { return binary.BigEndian.Uint64(f.take(8).b) }
func (f *fields) long() fields   { return f.take(int(f.uint32())) }

// table reads all that is left as the entries of a table.
func (f *fields) table() map[string]any {
	table := make(map[string]any)
	for len(f.b) > 0 {
		name := f.take(int(f.octet())).s
		table[name] = f.value()
	}
	return table
}

func (f *fields) list() (list []any) {
	for len(f.b) > 0 {
		list = append(list, f.value())
	}
	return list
}

// value reads a value behind the letter of its type, as appendValue writes it.
//
//nolint:gosec // the bits of numbers stay
func (f *fields) value() any {
	switch letter := f.octet(); letter {
	case 't':
		return f.octet() != 0
	case 'B':
		return f.octet()
	case 'b':
		return int8(f.octet())
	case 's':
		return int16(f.uint16())
	case 'u':
		return f.uint16()
	case 'I':
		return int32(f.uint32())
	case 'i':
		return f.uint32()
	case 'l':
		return int64(f.uint64())
	case 'f':
		return math.Float32frombits(f.uint32())
	case 'd':
		return math.Float64frombits(f.uint64())
	case 'S':
		return f.long().s
	default:
		return f.rare(letter)
	}
}

//nolint:gosec // the bits of numbers stay
func (f *fields) rare(letter byte) any {
	switch letter {
	case 'x':
		return bytes.Clone(f.long().b)
	case 'T':
		return time.Unix(int64(f.uint64()), 0).UTC()
	case 'D':
		return driver.Decimal{Scale: f.octet(), Value: int32(f.uint32())}
	case 'A':
		in := f.long()
		return in.list()
	case 'F':
		in := f.long()
		return in.table()
	}
	return nil // 'V'
}
