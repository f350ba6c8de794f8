package rabbitmq

import (
	"fmt"
	"math"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("rabbitmq: %w: %s", driver.ErrInvalid, fmt.Sprintf(format, args...))
}

// checkName guards what AMQP calls a short string. amqp091-go answers a longer one by closing the connection.
func checkName(what, name string) error {
	if len(name) > 255 {
		return invalid("%s has %d bytes, AMQP allows 255: %.40q...", what, len(name), name)
	}
	return nil
}

// A mistake that only the broker would notice costs the whole channel or connection, so everything is checked before.
// prepare returns the headers as they are sent; frame is the size of the one frame that they travel in.
func prepare(m *driver.Message, frame int) (amqp.Table, error) {
	size := 0
	for _, p := range [...]struct{ name, value string }{
		{"the exchange", m.Exchange}, {"the routing key", m.RoutingKey}, {"the content type", m.ContentType},
		{"the content encoding", m.ContentEncoding}, {"the correlation id", m.CorrelationID}, {"the reply-to", m.ReplyTo},
		{"the expiration", m.Expiration}, {"the message id", m.ID}, {"the type", m.Type}, {"the user id", m.UserID}, {"the app id", m.AppID},
	} {
		if len(p.value) > 255 {
			return nil, checkName(p.name, p.value)
		}
		size += len(p.value)
	}
	if m.Expiration != "" {
		if _, err := strconv.ParseUint(m.Expiration, 10, 32); err != nil {
			return nil, invalid("the expiration is %q: want milliseconds as decimal text", m.Expiration)
		}
	}
	if len(m.Headers) == 0 {
		return nil, nil // the properties alone fit the smallest frame there is
	}
	headers, n, err := encodeTable(m.Headers, 0)
	if err != nil {
		return nil, err
	}
	if size+n+frameOverhead > frame {
		return nil, invalid("the headers and properties take %d bytes: the broker takes %d", size+n, frame-frameOverhead)
	}
	return headers, nil
}

const (
	maxDepth      = 32   // of nested headers; amqp091-go can read no more
	maxEntries    = 8192 // in one table or list; the same
	frameOverhead = 64   // of the frame itself, and of the properties beside their texts
)

// encodeTable returns the table as amqp091-go wants it, and the bytes it takes on the wire.
func encodeTable(headers map[string]any, depth int) (amqp.Table, int, error) {
	if depth > maxDepth {
		return nil, 0, invalid("headers are nested deeper than %d levels", maxDepth)
	}
	if len(headers) > maxEntries {
		return nil, 0, invalid("%d headers in one table: want at most %d", len(headers), maxEntries)
	}
	table, size := make(amqp.Table, len(headers)), 4
	for key, value := range headers {
		if err := checkName("the name of a header", key); err != nil {
			return nil, 0, err
		}
		encoded, n, err := encodeValue(value, depth)
		if err != nil {
			return nil, 0, fmt.Errorf("%w, in header %q", err, key)
		}
		table[key] = encoded
		size += 1 + len(key) + n
	}
	return table, size, nil
}

// encodeValue takes what AMQP tables can hold, and integers of all sizes as far as they fit.
func encodeValue(value any, depth int) (encoded any, size int, err error) {
	switch v := value.(type) {
	case nil:
		return nil, 1, nil
	case bool, int8, uint8:
		return v, 2, nil
	case int16, uint16:
		return v, 3, nil
	case int32, uint32, float32:
		return v, 5, nil
	case int64, float64, time.Time:
		return v, 9, nil
	case amqp.Decimal:
		return v, 6, nil
	case int:
		return int64(v), 9, nil // amqp091-go would cut an int to 32 bits
	case uint:
		return encodeUint(uint64(v))
	case uint64:
		return encodeUint(v)
	case string:
		return v, 5 + len(v), nil
	case []byte:
		return v, 5 + len(v), nil
	case map[string]any:
		table, n, err := encodeTable(v, depth+1)
		return table, 1 + n, err
	case amqp.Table:
		table, n, err := encodeTable(v, depth+1)
		return table, 1 + n, err
	case []any:
		return encodeList(v, depth+1)
	case []string:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
		}
		return encodeList(list, depth+1)
	}
	return nil, 0, invalid("AMQP has no type for a %T", value)
}

func encodeUint(v uint64) (any, int, error) {
	if v > math.MaxInt64 {
		return nil, 0, invalid("the number %d does not fit 64 bits with a sign", v)
	}
	return int64(v), 9, nil
}

func encodeList(values []any, depth int) (any, int, error) {
	if depth > maxDepth {
		return nil, 0, invalid("headers are nested deeper than %d levels", maxDepth)
	}
	if len(values) > maxEntries {
		return nil, 0, invalid("a list of %d values: want at most %d", len(values), maxEntries)
	}
	list, size := make([]any, len(values)), 5
	for i, value := range values {
		encoded, n, err := encodeValue(value, depth)
		if err != nil {
			return nil, 0, err
		}
		list[i] = encoded
		size += n
	}
	return list, size, nil
}

// publishing puts a prepared message into the form of amqp091-go.
func publishing(m *driver.Message, headers amqp.Table) amqp.Publishing {
	p := amqp.Publishing{
		Headers: headers, ContentType: m.ContentType, ContentEncoding: m.ContentEncoding, DeliveryMode: amqp.Persistent,
		Priority: m.Priority, CorrelationId: m.CorrelationID, ReplyTo: m.ReplyTo, Expiration: m.Expiration, MessageId: m.ID,
		Timestamp: m.Timestamp, Type: m.Type, UserId: m.UserID, AppId: m.AppID, Body: m.Body,
	}
	if m.Transient {
		p.DeliveryMode = amqp.Transient
	}
	return p
}

// delivery takes what arrived. A missing delivery mode means transient, as it does for the broker.
func delivery(d *amqp.Delivery, epoch uint64) driver.Delivery {
	return driver.Delivery{
		Message: driver.Message{
			Exchange: d.Exchange, RoutingKey: d.RoutingKey, Body: d.Body, ContentType: d.ContentType,
			ContentEncoding: d.ContentEncoding, Headers: decodeTable(d.Headers), Transient: d.DeliveryMode != amqp.Persistent,
			Priority: d.Priority, Expiration: d.Expiration, CorrelationID: d.CorrelationId, ReplyTo: d.ReplyTo,
			ID: d.MessageId, Timestamp: utc(d.Timestamp), Type: d.Type, UserID: d.UserId, AppID: d.AppId,
		},
		Tag:         driver.Tag{Epoch: epoch, Number: d.DeliveryTag},
		Redelivered: d.Redelivered,
	}
}

// decodeTable turns tables into plain maps. Values without a Go type of their own (amqp.Decimal) stay as they are, so
// that they can be sent on unchanged.
func decodeTable(t amqp.Table) map[string]any {
	if t == nil {
		return nil
	}
	for key, value := range t {
		switch value.(type) {
		case amqp.Table, []any, time.Time:
			t[key] = decodeValue(value)
		}
	}
	return t
}

func decodeValue(value any) any {
	switch v := value.(type) {
	case amqp.Table:
		return decodeTable(v)
	case []any:
		for i := range v {
			v[i] = decodeValue(v[i])
		}
		return v
	case time.Time:
		return v.UTC()
	}
	return value
}

// utc keeps the zero time, which says that there was none.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}
