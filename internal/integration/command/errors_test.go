package command

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

var update = flag.Bool("update", false, "write anew what the scripts expect")

// hrm is a service whose document has errors of every kind.
func hrm() *openapi.API {
	errs := apierror.NewCatalog("hrm")
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	errs.Declare("UNUSED", "No route names it */ yet.")
	overlap := errs.Declare("OVERLAP", "The months overlap.", apierror.Status(http.StatusConflict), apierror.DetailSchema([]byte(
		`{"type": "object", "required": ["from"], "properties": {"from": {"type": "array", "items": {"type": "string"}},
		"the-rest": {"oneOf": [{"$ref": "#/components/schemas/Month"}, {"type": ["array", "null"], "items": {"enum": ["a", 1, true]}}]}}}`)))
	section := apierror.NewCatalog("bg").Declare("SECTION IS BAD", "No such section.")
	closed := apierror.KeepStatus(apierror.Decode(http.StatusGone, nil, []byte(`{"error_code": "PAY/CLOSED"}`)))
	month := openapi.Schema("Month", []byte(`{"type": "object", "properties": {"days": {"type": "integer"}, "next": {"$ref": "#"}}}`))

	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs})
	nothing := func(http.ResponseWriter, *http.Request) error { return nil }
	api.HandleFunc("POST /people/", nothing, openapi.Accepts(month), openapi.Returns(201, month), openapi.Fails(taken, overlap))
	api.HandleFunc("PATCH /people/{id}/", nothing, openapi.Returns(200, month), openapi.Fails(taken), openapi.Forwards(section, closed))
	api.Handle("GET /openapi.json", api.DocumentHandler())
	return api
}

func TestErrors(t *testing.T) {
	t.Parallel()
	path, api := binary(t), hrm()
	document, err := api.Document()
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/openapi.json", api)
	mux.Handle("/page", http.RedirectHandler("/nothing", http.StatusFound))
	mux.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			if _, err := fmt.Fprintf(w, "%65536s", " "); err != nil {
				return
			}
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: *update,
		Deadline:      time.Now().Add(2 * time.Minute),
		Setup: func(env *testscript.Env) error {
			env.Setenv("PATH", filepath.Dir(path)+string(filepath.ListSeparator)+env.Getenv("PATH"))
			env.Setenv("HRM", server.URL)
			env.Setenv("HRM_WITH_PASSWORD", "http://me:s3cret@"+server.Listener.Addr().String())
			return os.WriteFile(filepath.Join(env.WorkDir, "openapi.json"), document, 0o600)
		},
	})
}
