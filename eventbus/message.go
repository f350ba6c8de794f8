package eventbus

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A Message is a value on its way to a Publisher. Event.Message and Raw make one. Publishing it twice sends the same
// message id twice.
type Message struct {
	driver.Message

	declared *Exchange // nil for a raw message
	err      error
}

// Err returns what keeps the message from being published: a payload that cannot be encoded (ErrPayload), a routing
// key over 255 bytes (ErrNameTooLong), a wrong option (ErrInvalid). Nil when there is nothing.
func (m Message) Err() error {
	if m.declared != nil {
		if err := m.declared.Err(); err != nil {
			return err
		}
	}
	if m.err != nil {
		return m.err
	}
	if m.Exchange == "" && m.RoutingKey == "" {
		return fmt.Errorf("%w: a message without exchange and routing key; make it with Event.Message or Raw", ErrInvalid)
	}
	if len(m.Exchange) > maxName {
		return fmt.Errorf("exchange %.40q...: %w", m.Exchange, ErrNameTooLong)
	}
	return checkKey(m.RoutingKey)
}

// A MessageOption sets a property of one message.
type MessageOption func(*Message)

// Raw makes a message for any exchange and routing key from a body as it is, with a new message id and the present
// time. The content type is application/json unless ContentType says otherwise. The publisher declares the exchange as a
// durable topic exchange, except the default exchange "" and those of the broker ("amq.").
func Raw(exchange, routingKey string, body []byte, opts ...MessageOption) Message {
	return newMessage(exchange, routingKey, body).with(opts)
}

const contentTypeJSON = "application/json"

func newMessage(exchange, routingKey string, body []byte) Message {
	return Message{Message: driver.Message{
		Exchange:    exchange,
		RoutingKey:  routingKey,
		Body:        body,
		ContentType: contentTypeJSON,
		ID:          newID(),
		Timestamp:   time.Now(),
	}}
}

func (m Message) with(opts []MessageOption) Message {
	if len(opts) == 0 {
		return m
	}
	changed := m // what options point to is allocated; without options nothing is
	for _, opt := range opts {
		opt(&changed)
	}
	return changed
}

func (m *Message) fail(err error) { m.err = errors.Join(m.err, err) }

func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	var text [32]byte
	hex.Encode(text[:], id[:])
	return string(text[:])
}

// Header sets a header. Values are nil, bool, integers up to 64 bits (no unsigned ones but uint8), floats, string,
// []byte, time.Time, []any and map[string]any; a broker refuses others with ErrInvalid.
func Header(name string, value any) MessageOption {
	return func(m *Message) {
		if m.Headers == nil {
			m.Headers = make(map[string]any)
		}
		m.Headers[name] = value
	}
}

// Headers sets several headers, as Header does. The map is copied.
func Headers(headers map[string]any) MessageOption {
	return func(m *Message) {
		if m.Headers == nil {
			m.Headers = make(map[string]any, len(headers))
		}
		maps.Copy(m.Headers, headers)
	}
}

// Priority sets the priority, for queues that know priorities.
func Priority(p uint8) MessageOption { return func(m *Message) { m.Priority = p } }

// Expiration lets the message expire when it has waited in a queue for d, in whole milliseconds. A negative d is
// ErrInvalid.
func Expiration(d time.Duration) MessageOption {
	return func(m *Message) {
		if d < 0 {
			m.fail(fmt.Errorf("%w: expiration %v is negative", ErrInvalid, d))
			return
		}
		m.Expiration = strconv.FormatInt(d.Milliseconds(), 10)
	}
}

// CorrelationID sets the correlation id.
func CorrelationID(id string) MessageOption { return func(m *Message) { m.CorrelationID = id } }

// ReplyTo names the queue that an answer should go to.
func ReplyTo(queue string) MessageOption { return func(m *Message) { m.ReplyTo = queue } }

// MessageID replaces the random message id, for messages that are made again from stored data.
func MessageID(id string) MessageOption { return func(m *Message) { m.ID = id } }

// AppID names the sending service on one message; see PublisherConfig.AppID.
func AppID(id string) MessageOption { return func(m *Message) { m.AppID = id } }

// ContentType replaces application/json.
func ContentType(t string) MessageOption { return func(m *Message) { m.ContentType = t } }

// Transient lets the broker lose the message when it restarts, which makes it cheaper.
func Transient() MessageOption { return func(m *Message) { m.Transient = true } }

// Mandatory makes Publish fail with ErrUnroutable when no queue takes the message, instead of dropping it.
func Mandatory() MessageOption { return func(m *Message) { m.Mandatory = true } }

func checkKey(key string) error {
	if len(key) > maxName {
		return fmt.Errorf("routing key %.40q...: %w", key, ErrNameTooLong)
	}
	return nil
}
