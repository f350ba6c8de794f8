package rabbitmq

import (
	"fmt"
	"reflect"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("rabbitmq: %w: %s", driver.ErrInvalid, fmt.Sprintf(format, args...))
}

// checkName guards what AMQP calls a short string. amqp091-go answers a longer one by closing the connection.
func checkName(what, name string) error {
	if len(name) > driver.MaxName {
		return invalid("%s has %d bytes, AMQP allows %d: %.40q...", what, len(name), driver.MaxName, name)
	}
	return nil
}

// A mistake that only the broker would notice costs the whole channel or connection, so everything is checked before.
// prepare returns the headers as they are sent; frame is the size of the one frame that they travel in.
func prepare(m *driver.Message, frame int) (amqp.Table, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("rabbitmq: %w", err)
	}
	if len(m.Headers) == 0 {
		return nil, nil // the properties alone fit the smallest frame there is
	}
	headers, size := encodeTable(m.Headers)
	for _, property := range [...]string{
		m.Exchange, m.RoutingKey, m.ContentType, m.ContentEncoding, m.CorrelationID, m.ReplyTo, m.Expiration, m.ID, m.Type,
		m.UserID, m.AppID,
	} {
		size += len(property)
	}
	if size+frameOverhead > frame {
		return nil, invalid("the headers and properties take %d bytes: the broker takes %d", size, frame-frameOverhead)
	}
	return headers, nil
}

const frameOverhead = 64 // of the frame itself, and of the properties beside their texts

// encodeTable returns a valid table as amqp091-go wants it, and the bytes it takes on the wire.
func encodeTable(headers map[string]any) (table amqp.Table, size int) {
	table, size = make(amqp.Table, len(headers)), 4
	for key, value := range headers {
		encoded, n := encodeValue(value)
		table[key] = encoded
		size += 1 + len(key) + n
	}
	return table, size
}

func encodeValue(value any) (encoded any, size int) {
	switch v := value.(type) {
	case nil:
		return nil, 1
	case bool, int8, uint8:
		return v, 2
	case int16, uint16:
		return v, 3
	case int32, uint32, float32:
		return v, 5
	case int64, float64, time.Time:
		return v, 9
	case int:
		return int64(v), 9 // amqp091-go would cut an int to 32 bits
	case uint:
		return int64(v), 9 //nolint:gosec // Validate has looked
	case uint64:
		return int64(v), 9 //nolint:gosec // Validate has looked
	case string:
		return v, 5 + len(v)
	case []byte:
		return v, 5 + len(v)
	case map[string]any:
		table, n := encodeTable(v)
		return table, 1 + n
	case []any:
		return encodeList(v)
	case []string:
		return encodeList(v)
	}
	return reflect.ValueOf(value).Convert(reflect.TypeFor[amqp.Decimal]()).Interface(), 6 // all that Validate leaves
}

func encodeList[T any](values []T) (any, int) {
	list, size := make([]any, len(values)), 5
	for i, value := range values {
		encoded, n := encodeValue(value)
		list[i] = encoded
		size += n
	}
	return list, size
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

// decodeTable turns tables into plain maps. Only amqp.Decimal, for which Go has no type of its own, stays as it is, and can
// be sent on.
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
