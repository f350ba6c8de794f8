package rabbitmq

import (
	"encoding/binary"
	"slices"
)

// What amqp091-go reads of a header table. It answers more by ending the connection, and as the broker delivers the message
// again to whoever comes next, one such message would keep a queue from being consumed for ever.
const (
	readableDepth   = 32
	readableEntries = 8192
)

const headersAt = frameHead + 2 + 2 + 8 + 2 // class, weight, size of the body, flags of the properties

const (
	hasContentType = 1 << 15
	hasEncoding    = 1 << 14
	hasHeaders     = 1 << 13
)

// mendHeaders returns a copy of a header frame without those entries of its table that amqp091-go does not read, or nil when
// the frame is fine as it is.
func mendHeaders(frame []byte) []byte {
	payload := frame[:len(frame)-1]
	if len(payload) < headersAt {
		return nil
	}
	flags := binary.BigEndian.Uint16(payload[headersAt-2:])
	if flags&hasHeaders == 0 {
		return nil
	}
	at := headersAt
	for _, before := range [...]uint16{hasContentType, hasEncoding} {
		if flags&before == 0 {
			continue
		}
		if at >= len(payload) {
			return nil
		}
		at += 1 + int(payload[at])
	}
	if at+4 > len(payload) {
		return nil
	}
	size := int(binary.BigEndian.Uint32(payload[at:]))
	if size > len(payload)-at-4 {
		return nil
	}
	table := payload[at+4 : at+4+size]
	if readableTable(table, 0) {
		return nil
	}
	good := readableEntriesOf(table)
	mended := slices.Concat(payload[:at], appendLong(nil, good), payload[at+4+size:])
	binary.BigEndian.PutUint32(mended[frameHead-4:], uint32(len(mended)-frameHead)) //nolint:gosec // it fits a frame
	return append(mended, frameEnd)
}

// readableEntriesOf returns the entries of a table that can be read, up to one where even the end is not clear.
func readableEntriesOf(table []byte) (good []byte) {
	for entries := 0; len(table) > 0 && entries < readableEntries; {
		size, ok := entrySize(table, 0)
		if size == 0 {
			break
		}
		if ok {
			good = append(good, table[:size]...)
			entries++
		}
		table = table[size:]
	}
	return good
}

func readableTable(table []byte, depth int) bool { return readableAll(table, depth, entrySize) }

func readableList(list []byte, depth int) bool { return readableAll(list, depth, valueSize) }

func readableAll(b []byte, depth int, sizeOf func(b []byte, depth int) (int, bool)) bool {
	if depth > readableDepth {
		return false
	}
	for entries := 0; len(b) > 0; entries++ {
		size, ok := sizeOf(b, depth)
		if !ok || entries == readableEntries {
			return false
		}
		b = b[size:]
	}
	return true
}

// entrySize returns the size of the name and the value that b begins with, 0 when that is not clear, and whether they can be
// read.
func entrySize(b []byte, depth int) (size int, ok bool) {
	name := 1 + int(b[0])
	if name >= len(b) {
		return 0, false
	}
	size, ok = valueSize(b[name:], depth)
	if size == 0 {
		return 0, false
	}
	return name + size, ok
}

// valueSize does the same for a value behind the letter of its type.
func valueSize(b []byte, depth int) (size int, ok bool) {
	switch b[0] {
	case 'V':
		size = 1
	case 't', 'B', 'b':
		size = 2
	case 's', 'u':
		size = 3
	case 'I', 'i', 'f':
		size = 5
	case 'D':
		size = 6
	case 'l', 'd', 'T':
		size = 9
	case 'S', 'x', 'A', 'F':
		if len(b) < 5 {
			return 0, false
		}
		size = 5 + int(binary.BigEndian.Uint32(b[1:]))
	default:
		return 0, false
	}
	if size > len(b) {
		return 0, false
	}
	switch b[0] {
	case 'A':
		return size, readableList(b[5:size], depth+1)
	case 'F':
		return size, readableTable(b[5:size], depth+1)
	}
	return size, true
}
