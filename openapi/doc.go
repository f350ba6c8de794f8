// Package openapi serves routes and documents them from the same values: serializers say what goes in and out,
// a catalogue of errors says what may fail, typed parameters read and describe themselves.
//
//	var inDepartments = openapi.Query[[]int64]("department")
//
//	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: hrmapi.Errors})
//	api.HandleFunc("GET /people/", list, inDepartments, openapi.ReturnsList(200, tiny))
//	api.HandleFunc("POST /people/", create, openapi.Accepts(people), openapi.Returns(201, tiny), openapi.Fails(hrmapi.ErrEmailTaken))
//	api.Handle("GET /openapi.json", api.DocumentHandler())
//	http.ListenAndServe(addr, api)
//
// Handlers are those of net/http with an error as result; the router is [http.ServeMux].
//
// # Guarantees
//
// A documented route matches exactly its path, also one that ends in a slash: DELETE /departments/1/restore/ never
// reaches DELETE /departments/{id}/. Only a plain [API.Handle] without options takes a subtree.
//
// Declared parameters are checked before the handler runs. Unknown paths, wrong methods, bad parameters, errors and
// panics of handlers are all answered in the error shape of package apierror.
//
// The document is OpenAPI 3.1. It holds every error of the catalogue; examples of errors in it are written by the code
// that writes the errors. It is built once, at its first use. Package openapitest compares answers with it in tests.
//
// Nobody has to serve here: [API.Describe] documents what another router serves, and [API.Fragments] hands the parts of
// the document to a framework that makes its own.
//
// Mistakes in declarations panic while the routes are added, with the mending in the text; no input does.
// Add routes before serving; everything else is safe for concurrent use. The zero values of the types are not useful.
package openapi
