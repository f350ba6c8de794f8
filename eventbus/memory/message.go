package memory

import (
	"bytes"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// copyMessage makes the copy that the queues share: publishers keep what is theirs. It is what comes out of RabbitMQ.
func copyMessage(m *driver.Message) *driver.Message {
	own := *m
	own.Body = bytes.Clone(m.Body)
	own.Mandatory = false
	if !m.Timestamp.IsZero() {
		own.Timestamp = m.Timestamp.Truncate(time.Second)
	}
	own.Headers = copyTable(m.Headers)
	delete(own.Headers, "BCC")
	return &own
}

func copyTable(t map[string]any) map[string]any {
	if t == nil {
		return nil
	}
	own := make(map[string]any, len(t))
	for name, value := range t {
		own[name] = copyValue(value)
	}
	return own
}

func copyValue(v any) any {
	switch v := v.(type) {
	case []byte:
		return bytes.Clone(v)
	case int:
		return int64(v)
	case uint:
		return int64(v) //nolint:gosec // Validate has looked
	case uint64:
		return int64(v) //nolint:gosec // Validate has looked
	case time.Time:
		return time.Unix(v.Unix(), 0).UTC()
	case []string:
		own := make([]any, len(v))
		for i, item := range v {
			own[i] = item
		}
		return own
	case []any:
		own := make([]any, len(v))
		for i, item := range v {
			own[i] = copyValue(item)
		}
		return own
	case map[string]any:
		return copyTable(v)
	}
	return v
}
