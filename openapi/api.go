package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// Config says whose routes an [API] serves.
type Config struct {
	// Title names the service in the document. Required.
	Title string
	// Version is the version of the service's API, as "1.0.0". Required.
	Version string
	// Description introduces the service in the document, in CommonMark.
	Description string
	// Errors is the catalogue of the service: it writes every error answer, and its errors are what routes may
	// document with [Fails]. Required.
	Errors *apierror.Catalog
	// Logger gets what error answers do not tell the client. Nil means slog.Default(), from warnings on.
	Logger *slog.Logger
	// Translate, if set, gives the texts of error answers in the language of a request: see [apierror.WriterConfig].
	Translate func(r *http.Request, code, text string) string
}

// API serves routes and their OpenAPI document from the same declarations. It is made by [New].
//
// It is an [http.Handler] for any number of goroutines. Routes are added before it serves.
type API struct {
	config  Config
	errors  *apierror.Writer
	mux     *http.ServeMux
	handler http.Handler // mux, with its own errors in our shape

	mu         sync.Mutex
	routes     []*route
	shapes     map[string]*route // by shape of the path, for a clash of wildcard names
	components map[string]component
	owners     map[string]*route // the route that brought a component
	document   func() (json.RawMessage, error)
}

// New makes an API without routes. It panics when the configuration is incomplete or when the catalogue holds a
// mistake ([apierror.Catalog.Err]).
func New(config Config) *API {
	switch {
	case config.Title == "" || config.Version == "":
		panic("openapi: Config needs a Title and a Version, such as \"HRM\" and \"1.0.0\"")
	case config.Errors == nil:
		panic("openapi: Config.Errors is missing; give it the catalogue of this service: apierror.NewCatalog(\"hrm\")")
	}
	writer, err := config.Errors.Writer(apierror.WriterConfig{Logger: config.Logger, Translate: config.Translate})
	if err != nil {
		panic(fmt.Sprintf("openapi: the catalogue in Config.Errors has mistakes: %v", err))
	}
	mux := http.NewServeMux()
	a := &API{
		config:     config,
		errors:     writer,
		mux:        mux,
		handler:    writer.Mux(mux),
		shapes:     map[string]*route{},
		components: map[string]component{},
		owners:     map[string]*route{},
	}
	a.document = sync.OnceValues(a.build)
	return a
}

// HandleFunc serves and documents a route. The pattern is one of [http.ServeMux] with a method, as in
// "GET /people/{id}/"; it matches exactly this path, also when it ends in a slash. An error that the handler returns is
// written by the catalogue of the API, so the handler must not have begun its answer.
//
// HandleFunc panics on a mistake in the declaration, and says how to mend it: a pattern that cannot be documented, a
// route that exists, an error of another catalogue, two schemas of one name.
func (a *API) HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request) error, options ...Option) {
	if handler == nil {
		panic(fmt.Sprintf("openapi: %q has no handler", pattern))
	}
	a.add(pattern, handler, options)
}

// Handle serves a plain [http.Handler]. Without options the route is not documented and the pattern means what it means
// to [http.ServeMux]: "/internal/" takes everything below, for every method. With options Handle does what
// [API.HandleFunc] does.
func (a *API) Handle(pattern string, handler http.Handler, options ...Option) {
	if handler == nil {
		panic(fmt.Sprintf("openapi: %q has no handler", pattern))
	}
	if len(options) == 0 {
		a.mux.Handle(pattern, handler)
		return
	}
	a.add(pattern, func(w http.ResponseWriter, r *http.Request) error {
		handler.ServeHTTP(w, r)
		return nil
	}, options)
}

// Describe documents a route that another router serves: it stands in the document and among the fragments, and this
// API does not serve it. The pattern is one of [API.HandleFunc]; mistakes panic as they do there.
func (a *API) Describe(pattern string, options ...Option) {
	a.add(pattern, nil, options)
}

// add takes a route in, and serves it if there is a handler.
func (a *API) add(text string, handler func(http.ResponseWriter, *http.Request) error, options []Option) {
	rt := &route{own: a.owns}
	if err := rt.declare(text, options); err != nil {
		panic(fmt.Sprintf("openapi: route %q: %v", text, err))
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if err := a.register(rt); err != nil {
		panic(fmt.Sprintf("openapi: route %q: %v", text, err))
	}
	if handler != nil {
		a.mux.Handle(rt.mux(), a.errors.Handler(func(w http.ResponseWriter, r *http.Request) error {
			r, err := rt.bind(r)
			if err != nil {
				return err
			}
			return handler(w, r)
		}))
	}
	a.routes = append(a.routes, rt)
	a.document = sync.OnceValues(a.build)
}

func (rt *route) declare(text string, options []Option) (err error) {
	if rt.pattern, err = parsePattern(text); err != nil {
		return err
	}
	for i, option := range options {
		if option == nil {
			return fmt.Errorf("option %d is nil", i+1)
		}
		if err := option.apply(rt); err != nil {
			return err
		}
	}
	for _, declared := range rt.fails {
		if slices.ContainsFunc(rt.answers, func(a answer) bool { return a.status == declared.Status() }) {
			return fmt.Errorf("status %d is documented by Returns and by %s in Fails; a document cannot hold both", declared.Status(), declared.Code())
		}
	}
	return nil
}

// register checks a route against those that exist and takes over its schemas.
func (a *API) register(rt *route) error {
	if slices.ContainsFunc(a.routes, func(other *route) bool { return other.method == rt.method && other.shape() == rt.shape() }) {
		return fmt.Errorf("%s %s is already registered; keep one of the two", rt.method, rt.path)
	}
	if other, ok := a.shapes[rt.shape()]; ok && other.path != rt.path {
		return fmt.Errorf("%s %s has the same path with other names for its wildcards; use the same names, a document may not tell them apart", other.method, other.path)
	}
	for _, c := range rt.components() {
		c, err := c.normal()
		if err != nil {
			return err
		}
		if known, ok := a.components[c.name]; ok && !bytes.Equal(known.schema, c.schema) {
			owner := a.owners[c.name]
			return fmt.Errorf("%s %s has another schema with the name %s; give one of the two serializers another name", owner.method, owner.path, c.name)
		} else if !ok {
			a.components[c.name], a.owners[c.name] = c, rt
		}
	}
	a.shapes[rt.shape()] = rt
	return nil
}

func (a *API) owns(err *apierror.Declared) bool {
	return slices.Contains(a.config.Errors.All(), err)
}

// ServeHTTP answers with the route that matches. What no route matches is answered 404, or 405 with an Allow header
// where the path has other methods, in the error shape; that goes for paths that net/http would redirect from, too:
// /a//b, and what lacks the slash at the end of a documented route. GET routes answer HEAD.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if written := r.URL.EscapedPath(); !isClean(written) || !strings.HasSuffix(written, "/") && a.lacksSlash(r) {
		a.errors.Write(w, r, apierror.NotFound())
		return
	}
	a.handler.ServeHTTP(w, r)
}

// isClean reports whether http.ServeMux takes the path as it is. It would redirect /a//b to /a/b, and a client that
// follows with DELETE deletes what it has not named.
func isClean(written string) bool {
	clean := path.Clean(written)
	if strings.HasSuffix(written, "/") && clean != "/" {
		clean += "/"
	}
	return written == "" || written == clean
}

// lacksSlash reports whether a slash at the end is all that the path lacks to be that of documented routes.
// http.ServeMux would redirect to it, or speak of its methods; a documented path matches exactly itself.
func (a *API) lacksSlash(r *http.Request) bool {
	if _, pattern := a.mux.Handler(r); pattern != "" {
		return strings.HasSuffix(pattern, "/{$}")
	}
	probe, found := *r, false
	for _, method := range documentedMethods {
		probe.Method = method
		if _, pattern := a.mux.Handler(&probe); pattern != "" {
			if !strings.HasSuffix(pattern, "/{$}") {
				return false // the path itself is there, for another method
			}
			found = true
		}
	}
	return found
}
