// Package eventbustest has what tests of services and of brokers need.
//
// [Record] sees what a service publishes:
//
//	rec := eventbustest.Record(t, broker, hrmapi.Events)
//	... the code under test publishes to broker ...
//	person := eventbustest.One(rec, hrmapi.PersonCreated) // the payload, typed; fails when there is none, or more
//
// A recorder sees every message that was confirmed before it is asked, without pauses, and works with any broker and
// inside a bubble of testing/synctest. It must be made before the messages are published.
//
// [Run] is the conformance suite that every [driver.Broker] passes: what the package comment of driver promises, as
// tests, and the scenarios of eventbus that rest on it.
package eventbustest
