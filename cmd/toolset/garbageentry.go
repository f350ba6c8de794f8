package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

// An entry is one stored message, as a line of JSON.
type entry struct {
	ID         string          `json:"id,omitempty"`
	Exchange   string          `json:"exchange,omitempty"`
	RoutingKey string          `json:"routing_key,omitempty"`
	Error      string          `json:"error"`
	Attempts   int             `json:"attempts"`
	FailedAt   *time.Time      `json:"failed_at,omitempty"`
	Body       json.RawMessage `json:"body,omitempty"`
	Text       string          `json:"text,omitempty"` // of a body that is no JSON
}

// A detail is an entry with everything that came with the message.
type detail struct {
	entry

	Headers       map[string]any `json:"headers,omitempty"`
	ContentType   string         `json:"content_type,omitempty"`
	Encoding      string         `json:"content_encoding,omitempty"`
	Priority      uint8          `json:"priority,omitempty"`
	CorrelationID string         `json:"correlation_id,omitempty"`
	ReplyTo       string         `json:"reply_to,omitempty"`
	Timestamp     *time.Time     `json:"timestamp,omitempty"`
	Type          string         `json:"type,omitempty"`
	AppID         string         `json:"app_id,omitempty"`
}

func entryOf(m eventbus.GarbageMessage) entry {
	e := entry{
		ID: m.ID, Exchange: m.Exchange, RoutingKey: m.RoutingKey, Error: m.Error, Attempts: m.Attempts, FailedAt: known(m.FailedAt),
	}
	if json.Valid(m.Body) {
		e.Body = m.Body
	} else {
		e.Text = string(m.Body)
	}
	return e
}

func detailOf(m eventbus.GarbageMessage) detail {
	return detail{
		entry: entryOf(m), Headers: printableTable(m.Headers), ContentType: m.ContentType, Encoding: m.ContentEncoding, Priority: m.Priority,
		CorrelationID: m.CorrelationID, ReplyTo: m.ReplyTo, Timestamp: known(m.Timestamp), Type: m.Type, AppID: m.AppID,
	}
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func printableTable(table map[string]any) map[string]any {
	if table == nil {
		return nil
	}
	printed := make(map[string]any, len(table))
	for name, value := range table {
		printed[name] = printable(value)
	}
	return printed
}

// printable replaces the numbers that JSON has no form for by their texts.
func printable(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Sprint(v)
		}
	case float32:
		if x := float64(v); math.IsNaN(x) || math.IsInf(x, 0) {
			return fmt.Sprint(v)
		}
	case map[string]any:
		return printableTable(v)
	case []any:
		printed := make([]any, len(v))
		for i := range v {
			printed[i] = printable(v[i])
		}
		return printed
	}
	return value
}

func newEncoder(w io.Writer) *json.Encoder {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out
}
