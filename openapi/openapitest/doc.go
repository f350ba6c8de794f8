// Package openapitest is the strict mode of package openapi, for tests: every answer has to be what the document says.
//
//	func TestPeople(t *testing.T) {
//		service := openapitest.Strict(t, api)
//		...
//		service.ServeHTTP(w, r) // fails the test when the route does not document what it answers
//	}
//
// [Strict] stands around the API, [Transport] in the client of a service that runs; a [Checker] judges single answers.
//
// # What is compared
//
//   - the status: it is one that the route documents with Returns, or that of an error;
//   - the body, against the JSON Schema of that status, and its content type; or that there is none;
//   - an error with a code of its own: the route documents it with Fails or Forwards, with this status, and its detail is
//     as declared;
//   - other errors are covered by the default answer of every route, except those of 500 and above: an unknown failure
//     is never documented.
//
// Schemas are those of JSON Schema 2020-12, as OpenAPI 3.1 has them, without $dynamicRef and references by $id or $anchor.
// What the document does not mention, paths and methods, is not looked at. Of the formats of texts, date-time, date, uuid,
// ipv4 and ipv6 are checked; email and uri are not, since a field that nobody has filled in is answered blank. Everything in this package is safe for concurrent use.
package openapitest
