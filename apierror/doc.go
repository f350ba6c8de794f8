// Package apierror declares the errors of a service, writes them as answers, and reads back those of other services.
//
// Every error answer of every service has one shape:
//
//	{"code": 409, "detail": {"non_field_errors": ["A person with this email exists."]}, "error_code": "HRM/EMAIL_TAKEN"}
//
// An error is declared once, in a package that other services import, and is an error value like any other:
//
//	var (
//		Errors        = apierror.NewCatalog("hrm")
//		ErrEmailTaken = Errors.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
//	)
//
// A declaration may bring a detail of its own ([Detail]) and say what details occurrences bring ([DetailSchema]).
//
// Handlers return errors, and one [Writer] turns whatever comes up into the answer:
//
//	func create(w http.ResponseWriter, r *http.Request) error {
//		...
//		return ErrEmailTaken.Wrap(err) // the cause is logged, never sent
//	}
//
//	mux.Handle("POST /people/", Errors.Handler(create))
//
// On the other side [Decode] (package apiclient calls it) gives a [*Proxy], for which errors.Is(err,
// hrmapi.ErrEmailTaken) is true.
//
// # What the writer knows
//
//   - declared errors and their occurrences ([Declared.With], [Declared.Wrap]): their own code and status, 422
//     unless declared otherwise;
//   - errors of other services ([Proxy]): the code they came with, 422 unless [KeepStatus] asks for the status
//     they came with;
//   - the standard errors ([NotFound], [Unauthorized], [TooManyRequests], ...), field errors ([Fields], [Invalid])
//     and any error of another package with the methods HTTPStatus() int and ErrorDetail() any: the code
//     <SERVICE>/DEFAULT_EXCEPTION;
//   - [http.MaxBytesError] (413), an exceeded deadline (504), a cancelled request (499);
//   - anything else, panics too: 500 and {"detail": "A server error occurred."}.
//
// # Guarantees
//
// What is not declared as an answer is never sent: the text of an unknown error, a wrapped cause and the value of a
// panic go to the log, once. An answer that had begun is never written over. Declaring never panics: [Catalog.Err]
// reports mistakes, and [Catalog.Writer] refuses them. Everything in this package is safe for concurrent use, but for
// [Fields], which one request fills.
package apierror
