package apierror_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func TestCatalogTellsWhatIsDeclared(t *testing.T) {
	t.Parallel()
	c := apierror.NewCatalog("hrm")
	taken := c.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	bare := c.Declare("SECTION IS BAD", "")
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	if got := c.All(); !slices.Equal(got, []*apierror.Declared{taken, bare}) {
		t.Errorf("All: %v", got)
	}
	if taken.Code() != "HRM/EMAIL_TAKEN" || taken.Status() != 409 || taken.Detail() != "A person with this email exists." {
		t.Errorf("declared: %q %d %q", taken.Code(), taken.Status(), taken.Detail())
	}
	if bare.Status() != 422 || bare.Detail() != "Invalid input." {
		t.Errorf("defaults: %d %q", bare.Status(), bare.Detail())
	}
	if c.Service() != "HRM" || c.DefaultCode() != "HRM/DEFAULT_EXCEPTION" {
		t.Errorf("service: %q %q", c.Service(), c.DefaultCode())
	}
}

func TestMistakesAreReportedAndRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		service string
		declare func(*apierror.Catalog)
		want    string
	}{
		"twice": {"hrm", func(c *apierror.Catalog) { c.Declare("A", ""); c.Declare("A", "") }, "give one of them another code"},
		"empty": {"hrm", func(c *apierror.Catalog) { c.Declare("", "") }, "is empty"},
		"full code": {"hrm", func(c *apierror.Catalog) { c.Declare("HRM/A", "") },
			"give the code alone"},
		"space":    {"hrm", func(c *apierror.Catalog) { c.Declare("A ", "") }, "begins or ends with a space"},
		"control":  {"hrm", func(c *apierror.Catalog) { c.Declare("A\nB", "") }, "not printable"},
		"no UTF-8": {"hrm", func(c *apierror.Catalog) { c.Declare("A\xff", "") }, "not printable"},
		"default":  {"hrm", func(c *apierror.Catalog) { c.Declare("DEFAULT_EXCEPTION", "") }, "choose another"},
		"status":   {"hrm", func(c *apierror.Catalog) { c.Declare("A", "", apierror.Status(200)) }, "use one from 400 to 599"},
		"detail": {"hrm", func(c *apierror.Catalog) { c.Declare("A", "", apierror.Detail(make(chan int))) },
			"the detail of A"},
		"schema": {"hrm", func(c *apierror.Catalog) { c.Declare("A", "", apierror.DetailSchema([]byte(`"object"`))) },
			"the schema of the detail of A"},
		"null as schema": {"hrm", func(c *apierror.Catalog) { c.Declare("A", "", apierror.DetailSchema([]byte(`null`))) },
			"the schema of the detail of A"},
		"service":         {"", func(*apierror.Catalog) {}, "the service name is empty"},
		"service / slash": {"a/b", func(*apierror.Catalog) {}, "the service name contains"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := apierror.NewCatalog(tt.service)
			tt.declare(c)
			err := c.Err()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("Err: %v, want %q", err, tt.want)
			}
			if len(c.All()) > 0 && !strings.Contains(err.Error(), "catalog_test.go:") {
				t.Errorf("the text does not say where: %v", err)
			}
			if _, refused := c.Writer(apierror.WriterConfig{}); refused == nil {
				t.Error("the writer takes it")
			}
			defer func() {
				if recover() == nil {
					t.Error("the handler takes it")
				}
			}()
			c.Handler(func(http.ResponseWriter, *http.Request) error { return nil })
		})
	}
}

func TestNoCatalogIsRefused(t *testing.T) {
	t.Parallel()
	var c *apierror.Catalog
	if _, err := c.Writer(apierror.WriterConfig{}); err == nil || !strings.Contains(err.Error(), "apierror.NewCatalog") {
		t.Errorf("got %v", err)
	}
}

func TestDeclaredDetail(t *testing.T) {
	t.Parallel()
	c := apierror.NewCatalog("hrm")
	schema := json.RawMessage(`{"type": "object"}`)
	clash := c.Declare("CLASH", "The months overlap.", apierror.Detail(map[string]string{"from": "overlaps", "to": "overlaps"}), apierror.DetailSchema(schema))
	if err := c.Err(); err != nil || string(clash.DetailSchema()) != string(schema) || clash.Detail() != "The months overlap." {
		t.Fatalf("%v, %s, %q", err, clash.DetailSchema(), clash.Detail())
	}
	for want, err := range map[string]error{
		`{"from": ["overlaps"], "to": ["overlaps"]}`: clash,
		`{"to": ["in May"]}`:                         clash.With(map[string]error{"to": errors.New("in May")}),
	} {
		rec := httptest.NewRecorder()
		c.Write(rec, nil, err)
		sameJSON(t, rec.Body.String(), `{"code": 422, "detail": `+want+`, "error_code": "HRM/CLASH"}`)
	}
}
