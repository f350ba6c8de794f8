// Package serviceauth tells which service is calling, and turns away whoever cannot prove it.
//
// A calling service sends the header X-SERVICE-SECRET: <secret>:<its name>; package apiclient does. The receiving one
// checks it:
//
//	auth, err := serviceauth.New(serviceauth.Config{Errors: hrmapi.Errors, Secrets: []string{secret}})
//	...
//	mux.Handle("/internal/", auth.Require(internal)) // in there: serviceauth.Caller(r.Context())
//
// To rotate a secret, let every receiver accept the old and the new one, then let the callers send the new one, then
// drop the old.
//
// # Guarantees
//
// Secrets are compared in constant time and kept as hashes only; none is ever in an error, a log or an answer. Empty
// secrets and the value "None", which a Python service without a secret sends, are refused when the verifier is made.
// A [Verifier] is immutable and safe for concurrent use.
package serviceauth
