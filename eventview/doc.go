// Package eventview shows which events a service publishes and consumes: as a page for people, as JSON Schemas and as an
// AsyncAPI 3.0 document for programs.
//
//	view := eventview.New(hrmapi.Events)
//	api.Handle("GET /api/v1/event-system-entities", view)
//	api.Handle("GET /asyncapi.json", view.AsyncAPI())
//	api.Handle("GET /asyncapi.yaml", view.AsyncAPIYAML())
//
// Any mux takes them, an http.ServeMux as well as an openapi.API. [Service] describes more: title, version, and the
// queues that the service consumes. Package eventview/contract compares two AsyncAPI documents and tells which changes
// would break somebody. [Checker] judges payloads by the same schemas: in tests through eventbustest.Record, in
// production, sampled, through [Checker.Sample].
//
// # Guarantees
//
// Everything is built once, by [New] or [Service.View], and served from memory with an ETag. The schema of an event is
// that of its codec; without one it says what encoding/json writes for the Go type: absent and null fields, embedded
// structs and types that contain themselves included. A payload that cannot be described stops the program at its
// start. Every example is valid against its schema. Schemas use keywords that draft-07 and 2020-12 share. The page
// brings no outside assets, works without JavaScript, and follows the light or dark scheme of the reader.
package eventview
