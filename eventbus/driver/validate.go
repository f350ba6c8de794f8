package driver

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// MaxName is the number of bytes that AMQP has room for in names, routing keys and short properties.
const MaxName = 255

// Validate returns an error that wraps ErrInvalid and names the field when the message cannot be sent as it is: a name
// or short property over MaxName bytes, an expiration that is no number of milliseconds, a header of a foreign type.
// Adapters call it before anything is written, so that all of them take the same messages.
//
// A header is nil, a bool, an integer of any size that fits an int64, a float, a string, []byte, time.Time, []any,
// []string, map[string]any or a Decimal. Lists and maps have at most 8192 entries and are nested at most 32 deep. An int,
// uint or uint64 arrives as int64, []string as []any, a time in whole seconds and UTC.
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
	if err := validateTable(m.Headers, 0); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return nil
}

// Far beyond what anybody sends, short of a stack overflow on a cycle, and what amqp091-go can read.
const (
	maxDepth   = 32   // of nested headers
	maxEntries = 8192 // of one table or list
)

func validateSize(entries, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("headers are nested deeper than %d levels", maxDepth)
	}
	if entries > maxEntries {
		return fmt.Errorf("%d entries in one table or list, at most %d fit", entries, maxEntries)
	}
	return nil
}

func validateTable(table map[string]any, depth int) error {
	if err := validateSize(len(table), depth); err != nil {
		return err
	}
	for name, value := range table {
		if len(name) > MaxName {
			return fmt.Errorf("header %.40q... has a name of %d bytes, at most %d fit", name, len(name), MaxName)
		}
		if err := validateValue(value, depth); err != nil {
			return fmt.Errorf("header %q: %w", name, err)
		}
	}
	return nil
}

func validateValue(v any, depth int) error {
	switch v := v.(type) {
	case nil, bool, int8, int16, int32, int64, int, uint8, uint16, uint32, float32, float64, string, []byte, time.Time, Decimal:
		return nil
	case uint:
		return validateUint(uint64(v))
	case uint64:
		return validateUint(v)
	case []string:
		return validateSize(len(v), depth+1)
	case []any:
		if err := validateSize(len(v), depth+1); err != nil {
			return err
		}
		for _, item := range v {
			if err := validateValue(item, depth+1); err != nil {
				return err
			}
		}
		return nil
	case map[string]any:
		return validateTable(v, depth+1)
	}
	return fmt.Errorf("AMQP has no type for %T; give a bool, an integer, a float, a string, []byte, time.Time, driver.Decimal, "+
		"[]any, []string or map[string]any", v)
}

func validateUint(v uint64) error {
	if v > math.MaxInt64 {
		return fmt.Errorf("the number %d does not fit 64 bits with a sign", v)
	}
	return nil
}
