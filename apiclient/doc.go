// Package apiclient calls other services: JSON out, JSON in, the service secret on its way, errors that are values.
//
//	hrm, err := apiclient.New(apiclient.Config{BaseURL: "http://hrm", Service: "mailer", Secret: secret})
//	...
//	p, err := apiclient.Get[Person](ctx, hrm, "/internal/people/{id}/", apiclient.Path("id", 7))
//	if errors.Is(err, hrmapi.ErrGone) { // the same value that hrm returned
//		return nil
//	}
//
// # Guarantees
//
//   - A call ends: with its context, or after 120 s ([Config].Timeout, [Timeout]), attempts, pauses and a slow
//     body included.
//   - A call is repeated (package retry, 3 attempts by default) when no connection came about; and, if it may be
//     repeated without harm, when the connection broke or the answer was 429, 502, 503 or 504. Without harm are
//     GET, HEAD, OPTIONS, TRACE, PUT and DELETE, and whatever carries an Idempotency-Key header. Retry-After is
//     obeyed within the time that is left.
//   - The last answer is always decoded: any status but 2xx is an [apierror.Proxy], with status, code and detail
//     as they came.
//   - The secret goes to the host of BaseURL only, whatever redirects say, and is never part of an error, a log or
//     a formatted client.
//   - At most [Config].MaxResponse bytes of an answer are read.
//
// A [Client] is safe for concurrent use and reuses connections: make one for each service that is called, and keep it.
package apiclient
