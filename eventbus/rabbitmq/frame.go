package rabbitmq

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// The parts of AMQP 0-9-1 that travel once for each message. A publisher writes its frames itself, and a subscription reads
// its own: amqp091-go allocates more than thirty times for each message, either way, and that is most of what it costs this
// process. Everything else (the handshake, channels, declarations, heartbeats) is the library's.

// The kinds of frames, and their size beside the payload: kind, channel and length before it, one byte after it.
const (
	frameMethod = 1
	frameHeader = 2
	frameBody   = 3

	frameEnd  = 0xCE
	frameHead = 7
	frameRim  = frameHead + 1
)

// A methodID is the class and the method of a method frame.
type methodID uint32

const (
	channelClose    methodID = 20<<16 | 40
	channelCloseOK  methodID = 20<<16 | 41
	basicQosOK      methodID = 60<<16 | 11
	basicPublish    methodID = 60<<16 | 40
	basicDeliver    methodID = 60<<16 | 60
	basicAck        methodID = 60<<16 | 80
	basicNack       methodID = 60<<16 | 120
	confirmSelectOK methodID = 85<<16 | 11
)

const methodIDSize = 4

// appendPublish appends the frames of one message: the method, the properties, and the body in frames that are no larger
// than the broker takes. headers is the encoded table, or nil.
func appendPublish(dst []byte, channel uint16, frame int, m *driver.Message, headers []byte) []byte {
	dst, start := beginFrame(dst, frameMethod, channel)
	dst = binary.BigEndian.AppendUint32(dst, uint32(basicPublish))
	dst = append(dst, 0, 0) // reserved
	dst = appendShort(dst, m.Exchange)
	dst = appendShort(dst, m.RoutingKey)
	var bits byte
	if m.Mandatory {
		bits = 1
	}
	dst = endFrame(append(dst, bits), start)

	dst, start = beginFrame(dst, frameHeader, channel)
	dst = binary.BigEndian.AppendUint32(dst, uint32(basicPublish>>16)<<16) // the class and a weight of 0
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(m.Body)))
	dst = endFrame(appendProperties(dst, m, headers), start)

	most := frame - frameRim
	dst = slices.Grow(dst, len(m.Body)+(len(m.Body)/most+1)*frameRim) // at once: the wire is locked, and a huge body would be copied on and on
	for body := m.Body; len(body) > 0; {
		part := body[:min(most, len(body))]
		body = body[len(part):]
		dst, start = beginFrame(dst, frameBody, channel)
		dst = endFrame(append(dst, part...), start)
	}
	return dst
}

func beginFrame(dst []byte, kind byte, channel uint16) (extended []byte, start int) {
	dst = append(dst, kind, byte(channel>>8), byte(channel), 0, 0, 0, 0)
	return dst, len(dst)
}

func endFrame(dst []byte, start int) []byte {
	binary.BigEndian.PutUint32(dst[start-4:], uint32(len(dst)-start)) //nolint:gosec // a frame is small
	return append(dst, frameEnd)
}

// appendShort appends a text of at most 255 bytes; Validate has looked.
func appendShort(dst []byte, s string) []byte {
	return append(append(dst, byte(len(s))), s...)
}

func appendLong[T string | []byte](dst []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(dst, uint32(len(s))), s...) //nolint:gosec // it fits a frame
}

// appendProperties appends the flags of the properties that are there, then these in the order of their flags.
func appendProperties(dst []byte, m *driver.Message, headers []byte) []byte {
	at := len(dst)
	dst = append(dst, 0, 0)
	var flags uint16
	text := func(bit uint, s string) {
		if s != "" {
			flags |= 1 << bit
			dst = appendShort(dst, s)
		}
	}
	text(15, m.ContentType)
	text(14, m.ContentEncoding)
	if headers != nil {
		flags |= 1 << 13
		dst = append(dst, headers...)
	}
	flags |= 1 << 12
	if m.Transient {
		dst = append(dst, 1)
	} else {
		dst = append(dst, 2)
	}
	if m.Priority > 0 {
		flags |= 1 << 11
		dst = append(dst, m.Priority)
	}
	text(10, m.CorrelationID)
	text(9, m.ReplyTo)
	text(8, m.Expiration)
	text(7, m.ID)
	if !m.Timestamp.IsZero() {
		flags |= 1 << 6
		dst = binary.BigEndian.AppendUint64(dst, uint64(m.Timestamp.Unix())) //nolint:gosec // AMQP has no times before 1970
	}
	text(5, m.Type)
	text(4, m.UserID)
	text(3, m.AppID)
	binary.BigEndian.PutUint16(dst[at:], flags)
	return dst
}

// appendTable appends a table that Validate has found right.
func appendTable(dst []byte, table map[string]any) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for key, value := range table {
		dst = appendValue(appendShort(dst, key), value)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4)) //nolint:gosec // it fits a frame, or is refused
	return dst
}

func appendList[T any](dst []byte, values []T) []byte {
	dst = append(dst, 'A')
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	for _, value := range values {
		dst = appendValue(dst, value)
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4)) //nolint:gosec // it fits a frame, or is refused
	return dst
}

// appendValue appends the letter of the type and the value. The letters are those that RabbitMQ reads, which are not in all
// cases those of the standard: https://www.rabbitmq.com/amqp-0-9-1-errata#section_3
func appendValue(dst []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return append(dst, 'V')
	case bool:
		if v {
			return append(dst, 't', 1)
		}
		return append(dst, 't', 0)
	case uint8:
		return append(dst, 'B', v)
	case int8:
		return append(dst, 'b', byte(v)) //nolint:gosec // the bits stay
	case int16:
		return binary.BigEndian.AppendUint16(append(dst, 's'), uint16(v)) //nolint:gosec // the bits stay
	case uint16:
		return binary.BigEndian.AppendUint16(append(dst, 'u'), v)
	case int32:
		return binary.BigEndian.AppendUint32(append(dst, 'I'), uint32(v)) //nolint:gosec // the bits stay
	case uint32:
		return binary.BigEndian.AppendUint32(append(dst, 'i'), v)
	case int64:
		return appendInt(dst, uint64(v)) //nolint:gosec // the bits stay
	case int:
		return appendInt(dst, uint64(v)) //nolint:gosec // the bits stay
	case uint:
		return appendInt(dst, uint64(v))
	case uint64:
		return appendInt(dst, v)
	case float32:
		return binary.BigEndian.AppendUint32(append(dst, 'f'), math.Float32bits(v))
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, 'd'), math.Float64bits(v))
	case string:
		return appendLong(append(dst, 'S'), v)
	case []byte:
		return appendLong(append(dst, 'x'), v)
	}
	return appendRare(dst, value)
}

func appendInt(dst []byte, bits uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 'l'), bits)
}

func appendRare(dst []byte, value any) []byte {
	switch v := value.(type) {
	case time.Time:
		return binary.BigEndian.AppendUint64(append(dst, 'T'), uint64(v.Unix())) //nolint:gosec // AMQP has no times before 1970
	case map[string]any:
		return appendTable(append(dst, 'F'), v)
	case []any:
		return appendList(dst, v)
	case []string:
		return appendList(dst, v)
	case driver.Decimal:
		return binary.BigEndian.AppendUint32(append(dst, 'D', v.Scale), uint32(v.Value)) //nolint:gosec // the bits stay
	}
	return append(dst, 'V') // Validate leaves nothing else
}
