package eventbus

import (
	"maps"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// The headers of a message that has failed. Headers and properties that would keep the copy from getting through
// (CC, BCC, all that begin with x-death, expiration, user id) move to names with the prefix HeaderPrefix: "CC" becomes
// "toolset-CC".
const (
	HeaderPrefix     = "toolset-"
	HeaderError      = HeaderPrefix + "error"       // text of the last error, at most 2048 bytes
	HeaderAttempts   = HeaderPrefix + "attempts"    // failed attempts so far, an integer
	HeaderFailedAt   = HeaderPrefix + "failed-at"   // time of the last one, RFC 3339
	HeaderExchange   = HeaderPrefix + "exchange"    // where the message was published
	HeaderRoutingKey = HeaderPrefix + "routing-key" // and with which key
	HeaderReplayed   = HeaderPrefix + "replayed"    // HeaderAttempts at the last replay: from there the delays start anew
	HeaderExpiration = HeaderPrefix + "expiration"  // the expiration that the message had
	HeaderUserID     = HeaderPrefix + "user-id"     // the user id that the message had
)

const maxErrorText = 2048 // all headers share one frame

// A history is what the headers tell about a message.
type history struct {
	exchange, key string // as published; "" when not known
	known         bool   // exchange and key are known
	attempts      int    // that failed
	replayed      int    // attempts at the last replay
	lastError     string
	failedAt      time.Time
}

// returning reports whether the message came back to the queue from a delay or garbage queue or from a replay, rather
// than from a publisher. Others may bear our headers too, when someone forwarded them: those tell nothing here.
func returning(m *driver.Message, queue string) bool {
	return m.RoutingKey == queue && (m.Exchange == "" || strings.HasSuffix(m.Exchange, postSuffix))
}

// historyOf reads the history of a message that was delivered from the main queue.
func historyOf(m *driver.Message, queue string) history {
	if !returning(m, queue) {
		return history{exchange: m.Exchange, key: m.RoutingKey, known: true}
	}
	return readHistory(m.Headers)
}

// readHistory takes any types of values: headers come from anywhere.
func readHistory(headers map[string]any) history {
	var h history
	key, ok := text(headers[HeaderRoutingKey])
	if ok {
		h.key, h.known = key, true
		h.exchange, _ = text(headers[HeaderExchange])
	}
	h.attempts = count(headers[HeaderAttempts])
	h.replayed = min(count(headers[HeaderReplayed]), h.attempts)
	h.lastError, _ = text(headers[HeaderError])
	switch v := headers[HeaderFailedAt].(type) {
	case time.Time:
		h.failedAt = v
	default:
		s, _ := text(v)
		h.failedAt, _ = time.Parse(time.RFC3339, s)
	}
	return h
}

func text(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

// count reads a number of attempts, 0 when it is none.
func count(v any) int {
	const most = 1 << 30
	var n int64
	switch v := v.(type) {
	case int:
		n = int64(v)
	case int8:
		n = int64(v)
	case int16:
		n = int64(v)
	case int32:
		n = int64(v)
	case int64:
		n = v
	case uint8:
		n = int64(v)
	case uint16:
		n = int64(v)
	case uint32:
		n = int64(v)
	case string:
		n, _ = strconv.ParseInt(v, 10, 64)
	}
	return int(max(0, min(n, most)))
}

// clean returns a copy of the message without what would keep it from getting through. The headers are a new map.
func clean(m driver.Message) driver.Message {
	headers := make(map[string]any, len(m.Headers)+8)
	maps.Copy(headers, m.Headers)
	for name, value := range m.Headers {
		if name == "CC" || name == "BCC" || strings.HasPrefix(name, "x-death") {
			delete(headers, name)
			headers[HeaderPrefix+name] = value
		}
	}
	if m.Expiration != "" {
		headers[HeaderExpiration] = m.Expiration
	}
	if m.UserID != "" {
		headers[HeaderUserID] = m.UserID
	}
	m.Headers, m.Expiration, m.UserID = headers, "", ""
	m.Transient, m.Mandatory = false, true
	return m
}

// failedCopy is what is kept of a message whose handling failed with an error of that text.
func failedCopy(m driver.Message, h history, failure string, now time.Time) driver.Message {
	m = clean(m)
	m.Headers[HeaderError] = errorText(failure)
	m.Headers[HeaderAttempts] = int64(h.attempts + 1)
	m.Headers[HeaderFailedAt] = now.UTC().Format(time.RFC3339Nano)
	if h.replayed > 0 {
		m.Headers[HeaderReplayed] = int64(h.replayed)
	} else {
		delete(m.Headers, HeaderReplayed)
	}
	if h.known {
		m.Headers[HeaderExchange], m.Headers[HeaderRoutingKey] = h.exchange, h.key
	} else {
		delete(m.Headers, HeaderExchange)
		delete(m.Headers, HeaderRoutingKey)
	}
	return m
}

// errorText is the text of an error as a header has room for it.
func errorText(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= maxErrorText {
		return s
	}
	const more = "..."
	end := maxErrorText - len(more)
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
