package contract

import "fmt"

// Rule is one kind of change.
type Rule struct {
	ID string
	// Whether it breaks those who read what the service sends, and those who send what it receives.
	BreaksSent, BreaksReceived bool
	Reason                     string
}

// rules are all that Compare tells apart, by ID.
var rules = []Rule{
	{"event-removed", true, false, "Consumers wait for it in vain. What the service does not receive any more breaks no sender."},
	{"event-added", false, false, "Nobody has asked for it yet."},
	{"event-deprecated", false, false, "It still comes; consumers have time to move."},
	{"binding-added", false, false, "More messages come into the queue of the service. Who publishes them does not notice."},
	{"binding-removed", false, false, "What is published by this key does not come into the queue any more. Who publishes it does not notice; whether the service misses it is for its own tests to tell."},
	{"exchange-changed", true, true, "Whoever declares the exchange as it was is refused by the broker."},
	{"queue-changed", false, false, "Only the service declares its queue; the broker refuses it until the queue is deleted."},
	{"content-type", true, true, "The bytes mean something else."},
	{"field-removed", true, false, "A consumer that reads it finds nothing. As a reader the service skips what it does not know."},
	{"field-added", false, false, "Readers skip fields that they do not know."},
	{"required-dropped", true, false, "A consumer that relies on the field meets messages without it."},
	{"required-added", false, true, "Senders that leave the field out are refused. A consumer only sees it more often."},
	{"type-widened", true, false, "A consumer meets JSON types, null among them, that its own type cannot hold."},
	{"type-narrowed", false, true, "Senders still write the type that is not taken any more."},
	{"type-changed", true, true, "Neither side can read what the other one writes."},
	{"enum-widened", true, false, "A consumer that distinguishes all the values meets one that it does not know."},
	{"enum-narrowed", false, true, "Senders still write the value that is not taken any more."},
	{"constraint-relaxed", true, false, "A consumer that relies on the limit, in a column of its database for instance, meets values beyond it."},
	{"constraint-added", false, true, "Senders that do not know the limit are refused."},
	{"constraint-changed", true, true, "Values fit the one and not the other."},
	{"unclear", true, true, "Keywords changed whose effect cannot be judged, so a person has to look."},
}

// Rules lists the kinds of changes.
func Rules() []Rule { return append([]Rule(nil), rules...) }

// direction says who reads.
type direction int

const (
	sent     direction = iota // by the service: consumers read
	received                  // by the service: it reads
)

func (d direction) String() string { return d.either("send", "receive") }

// either picks the word for the direction.
func (d direction) either(ofSent, ofReceived string) string {
	return [...]string{ofSent, ofReceived}[d]
}

// Change is one difference.
type Change struct {
	Rule     string `json:"rule"`
	Breaking bool   `json:"breaking"`
	Action   string `json:"action"`          // "send" or "receive", as the service does it
	Channel  string `json:"channel"`         // the exchange, or else the address of the channel
	Event    string `json:"event"`           // the name of the message; of a binding, the routing key or pattern
	Field    string `json:"field,omitempty"` // "person.tags[]", "" for the whole payload
	Text     string `json:"text"`
}

// String is one line.
func (c Change) String() string {
	kind := "compatible"
	if c.Breaking {
		kind = "BREAKING"
	}
	field := ""
	if c.Field != "" {
		field = " " + c.Field + ":"
	}
	return fmt.Sprintf("%-10s %s %s %s:%s %s [%s]", kind, c.Action, c.Channel, c.Event, field, c.Text, c.Rule)
}

func breaks(id string, d direction) bool {
	for _, r := range rules {
		if r.ID == id {
			return d == sent && r.BreaksSent || d == received && r.BreaksReceived
		}
	}
	return true
}
