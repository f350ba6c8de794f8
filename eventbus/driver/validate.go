package driver

import (
	"fmt"
	"strconv"
	"time"
)

// MaxName is the number of bytes that AMQP has room for in names, routing keys and short properties.
const MaxName = 255

// Validate returns an error that wraps ErrInvalid and names the field when the message cannot be sent as it is: a name
// or short property over MaxName bytes, an expiration that is no number of milliseconds, a header of a foreign type.
// Adapters call it before anything is written.
func (m *Message) Validate() error {
	for _, p := range [...]struct{ name, value string }{
		{"exchange", m.Exchange}, {"routing key", m.RoutingKey}, {"content type", m.ContentType},
		{"content encoding", m.ContentEncoding}, {"expiration", m.Expiration}, {"correlation id", m.CorrelationID},
		{"reply-to", m.ReplyTo}, {"message id", m.ID}, {"type", m.Type}, {"user id", m.UserID}, {"app id", m.AppID},
	} {
		if len(p.value) > MaxName {
			return fmt.Errorf("%w: %s %.40q... has %d bytes, at most %d fit", ErrInvalid, p.name, p.value, len(p.value), MaxName)
		}
	}
	if m.Expiration != "" {
		if _, err := strconv.ParseUint(m.Expiration, 10, 32); err != nil {
			return fmt.Errorf("%w: expiration %q is no number of milliseconds below 2^32", ErrInvalid, m.Expiration)
		}
	}
	for name, value := range m.Headers {
		if len(name) > MaxName {
			return fmt.Errorf("%w: header %.40q... has a name of %d bytes, at most %d fit", ErrInvalid, name, len(name), MaxName)
		}
		if err := validateValue(value, 0); err != nil {
			return fmt.Errorf("%w: header %q: %w", ErrInvalid, name, err)
		}
	}
	return nil
}

const maxDepth = 32 // of nested headers; far beyond what anybody sends, and short of a stack overflow on a cycle

func validateValue(v any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch v := v.(type) {
	case nil, bool, int8, int16, int32, int64, int, uint8, float32, float64, string, []byte, time.Time:
		return nil
	case []any:
		for _, item := range v {
			if err := validateValue(item, depth+1); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		for name, item := range v {
			if len(name) > MaxName {
				return fmt.Errorf("key %.40q... has %d bytes, at most %d fit", name, len(name), MaxName)
			}
			if err := validateValue(item, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("AMQP has no type for %T; give a bool, a signed integer, a uint8, a float, a string, []byte, time.Time, "+
		"[]any or map[string]any", v)
}
