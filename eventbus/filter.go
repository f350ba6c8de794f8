package eventbus

import (
	"slices"
	"strings"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

// A GarbageFilter chooses stored messages. Any function of this form is one.
type GarbageFilter func(GarbageMessage) bool

// ByID chooses messages by their ids.
func ByID(ids ...string) GarbageFilter {
	return func(m GarbageMessage) bool { return slices.Contains(ids, m.ID) }
}

// ByError chooses messages whose error contains the text.
func ByError(text string) GarbageFilter {
	return func(m GarbageMessage) bool { return strings.Contains(m.Error, text) }
}

// ByRoutingKey chooses messages by the key that they were published with: words separated by dots, "*" for one word,
// "#" for any number of words. Messages whose key is not known are not chosen.
func ByRoutingKey(pattern string) GarbageFilter {
	return func(m GarbageMessage) bool { return m.RoutingKey != "" && topic.Match(pattern, m.RoutingKey) }
}

// OlderThan chooses messages that failed longer ago than d. Messages that do not tell when are not chosen.
func OlderThan(d time.Duration) GarbageFilter {
	return func(m GarbageMessage) bool { return !m.FailedAt.IsZero() && time.Since(m.FailedAt) > d }
}

// NewerThan chooses messages that failed at most d ago. Messages that do not tell when are not chosen.
func NewerThan(d time.Duration) GarbageFilter {
	return func(m GarbageMessage) bool { return !m.FailedAt.IsZero() && time.Since(m.FailedAt) <= d }
}

func passes(m GarbageMessage, filters []GarbageFilter) bool {
	for _, f := range filters {
		if !f(m) {
			return false
		}
	}
	return true
}
