// Package eventview shows what a service publishes: the events that are declared on its exchanges, as JSON Schemas for
// programs and as a page for people.
//
//	api.Handle("GET /api/v1/event-system-entities", eventview.New(hrmapi.Events))
//
// Programs get a JSON object keyed by event name, each value the JSON Schema of the payload in keywords that draft-07
// and 2020-12 share. Browsers get a readable page: fields, constraints and an example message of each event. It
// brings no outside assets and no script, and follows the light or dark scheme of the reader.
//
// # Guarantees
//
// Everything is built once, by [New], and served from memory with an ETag. The schema of an event is that of its
// codec; without one it says what encoding/json writes for the Go type: absent and null fields, embedded structs and
// types that contain themselves included. A payload that cannot be described stops the program at its start.
// An example on the page is valid against its schema.
package eventview
