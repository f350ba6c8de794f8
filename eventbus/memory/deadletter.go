package memory

import (
	"slices"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Why a message leaves its queue for the dead-letter exchange, in RabbitMQ's words.
const (
	rejected = "rejected"
	expired  = "expired"
)

// deadLetter sends the message where the queue says, with the headers that RabbitMQ adds. Where that leads nowhere the
// message is dropped.
func (q *queue) deadLetter(m *driver.Message, reason string) {
	if q.DeadLetterExchange == "" {
		return
	}
	dead := *m
	dead.Headers = copyTable(m.Headers)
	if dead.Headers == nil {
		dead.Headers = make(map[string]any)
	}
	keys := []any{m.RoutingKey}
	if cc, ok := m.Headers["CC"].([]any); ok {
		keys = append(keys, cc...)
	}
	dead.Exchange = q.DeadLetterExchange
	if q.DeadLetterRoutingKey != "" {
		dead.RoutingKey = q.DeadLetterRoutingKey
		delete(dead.Headers, "CC")
	}
	deaths, _ := dead.Headers["x-death"].([]any)
	dead.Headers["x-death"] = q.addDeath(deaths, m, reason, keys)
	for name, value := range map[string]string{
		"x-first-death-exchange": m.Exchange, "x-first-death-queue": q.Name, "x-first-death-reason": reason,
	} {
		if _, ok := dead.Headers[name]; !ok {
			dead.Headers[name] = value
		}
	}
	dead.Expiration = ""
	routed, err := q.server.route(&dead)
	if err != nil {
		return
	}
	for _, target := range routed {
		if !circles(dead.Headers["x-death"].([]any), target.Name) {
			target.push(&dead)
		}
	}
}

// addDeath counts the death: one entry for each queue and reason, the latest first.
func (q *queue) addDeath(deaths []any, m *driver.Message, reason string, keys []any) []any {
	entry := map[string]any{
		"count": int64(1), "reason": reason, "queue": q.Name, "time": time.Now().Truncate(time.Second),
		"exchange": m.Exchange, "routing-keys": keys,
	}
	if m.Expiration != "" {
		entry["original-expiration"] = m.Expiration
	}
	for i, d := range deaths {
		if d, ok := d.(map[string]any); ok && d["queue"] == q.Name && d["reason"] == reason {
			n, _ := d["count"].(int64)
			d["count"] = n + 1
			return slices.Insert(slices.Delete(deaths, i, i+1), 0, any(d))
		}
	}
	return slices.Insert(deaths, 0, any(entry))
}

// circles reports whether the message has been in the queue before and came round without anybody rejecting it.
// RabbitMQ drops such messages.
func circles(deaths []any, queue string) bool {
	for i, d := range deaths {
		if d, ok := d.(map[string]any); ok && d["queue"] == queue {
			return !slices.ContainsFunc(deaths[:i+1], func(d any) bool {
				entry, ok := d.(map[string]any)
				return ok && entry["reason"] == rejected
			})
		}
	}
	return false
}
