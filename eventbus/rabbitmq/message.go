package rabbitmq

import (
	"fmt"
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
// prepare returns the encoded headers, nil when there are none; frame is the size of the one frame that they travel in.
func prepare(m *driver.Message, frame int) ([]byte, error) {
	if err := m.Validate(); err != nil {
		return nil, fmt.Errorf("rabbitmq: %w", err)
	}
	if len(m.Headers) == 0 {
		return nil, nil // the properties alone fit the smallest frame there is
	}
	headers := appendTable(nil, m.Headers)
	return headers, checkSize(m, headers, frame)
}

// checkSize makes sure that the properties fit the one frame that they travel in.
func checkSize(m *driver.Message, headers []byte, frame int) error {
	size := len(headers)
	for _, property := range [...]string{
		m.ContentType, m.ContentEncoding, m.CorrelationID, m.ReplyTo, m.Expiration, m.ID, m.Type, m.UserID, m.AppID,
	} {
		size += len(property)
	}
	if size+frameOverhead > frame {
		return invalid("the headers and properties take %d bytes: the broker takes %d", size, frame-frameOverhead)
	}
	return nil
}

const frameOverhead = 64 // of the frame itself, and of the properties beside their texts

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

// decodeTable turns what amqp091-go has types of its own for into plain maps and the types of the seam, so that it can be
// sent on.
func decodeTable(t amqp.Table) map[string]any {
	if t == nil {
		return nil
	}
	for key, value := range t {
		switch value.(type) {
		case amqp.Table, []any, time.Time, amqp.Decimal:
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
	case amqp.Decimal:
		return driver.Decimal{Scale: v.Scale, Value: v.Value}
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
