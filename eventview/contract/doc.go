// Package contract compares two AsyncAPI 3 documents of a service and tells which changes would break somebody.
//
//	older, err := contract.Parse(before)
//	newer, err := contract.Parse(after)
//	for _, change := range contract.Compare(older, newer) { ... }
//
// A change is judged by who reads the payload. What the service sends is read by consumers that were written for the
// older document: they must understand every message of the newer one. What it receives was written by senders that know
// the older document: the service must still understand it. [Rules] lists what is told apart, each with its reason.
//
// Headers and the messages of replies are compared like payloads, with traits merged before. Bindings, channel parameters,
// security and correlation ids have no finer rules: that they have changed is told. Servers are not compared.
//
// # Guarantees
//
// Where Compare finds nothing that breaks, every message that fits the newer schema of a sent event fits the older one as
// well, provided that senders send the fields that they describe and readers skip those that they do not know. Where a
// change of keywords cannot be judged, it counts as breaking, and says so. A document differs from itself in nothing.
package contract
