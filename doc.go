// Package toolset holds no code: it is the map of the module.
//
//	retry                  call a function again: retry.Do(ctx, policy, fn)
//	match                  partial matching for tests: match.JSON(t, got, `{"id": ..., "name": "Ann"}`)
//	apierror               service errors: declare, write, read back, pass on
//	serializer             declare once how a struct is shown and accepted; Tiny shows only
//	openapi                routes and their documents from the same values
//	openapi/openapitest    strict mode: tests fail when a route answers what its document does not say
//	openapi/swaggerui      the documentation page, from embedded files
//	apiclient              calls to other services
//	serviceauth            who may call us
//	eventbus               exchanges, events, publishers, consumers, garbage, retries
//	eventbus/rabbitmq      the broker over AMQP 0-9-1
//	eventbus/memory        the broker inside this process: tests and the embedded default
//	eventbus/eventbustest  the conformance suite that every broker passes; a recorder for your tests
//	eventbus/driver        the seam that brokers implement
//	eventview              the events that a service publishes, as a page, as JSON Schema and as AsyncAPI 3.0
//	eventview/contract     what a change of such a document breaks, and for whom
//	softdelete             twin tables that keep what was deleted, and bring it back
//	cmd/toolset            the command line: garbage queues, twin tables, errors and events of a service
//
// The packages stand on their own: retry, match, apierror, serializer and softdelete import nothing but the standard
// library, and only eventbus/rabbitmq imports a broker's client. example/hrm shows them together; start there.
package toolset
