package serializer_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type order struct {
	Email   string    `json:"email"`
	Name    string    `json:"name"`
	When    time.Time `json:"when"`
	Price   string    `json:"price"`
	Kind    string    `json:"kind"`
	Tags    []string  `json:"tags"`
	Address struct {
		City string `json:"city"`
		Zip  int    `json:"zip"`
	} `json:"address"`
	Items []item `json:"items"`
}

type item struct {
	SKU string `json:"sku"`
	Qty uint8  `json:"qty"`
}

type address = struct {
	City string `json:"city"`
	Zip  int    `json:"zip"`
}

var (
	items = serializer.New(func(i *item) serializer.Fields {
		return serializer.Fields{serializer.Field(&i.SKU).Slug(), serializer.Field(&i.Qty).Min(1)}
	})
	addresses = serializer.New(func(a *address) serializer.Fields {
		return serializer.Fields{serializer.Field(&a.City).MaxLength(5), serializer.Field(&a.Zip).Min(100)}
	})
	orders = serializer.New(func(o *order) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&o.Email).Email(),
			serializer.Field(&o.Name).MaxLength(3).Check(func(name string) error {
				if name == "lst" {
					return errors.Join(errors.New("l1"), errors.New("l2"))
				}
				return nil
			}),
			serializer.Field(&o.When),
			serializer.Field(&o.Price).Decimal(4, 2),
			serializer.Field(&o.Kind).Choices("a", "b"),
			serializer.List(&o.Tags, serializer.Item[string]().MaxLength(3)).MinLength(1),
			serializer.Nested(&o.Address, addresses),
			serializer.Many(&o.Items, items),
			serializer.Check(func(o *order) error {
				if o.Name == "bad" {
					return errors.New("Names and emails do not match.")
				}
				return nil
			}),
		}
	})
	echoes = serializer.New(func(e *struct{ A json.RawMessage }) serializer.Fields {
		return serializer.Fields{serializer.Field(&e.A).As("a").Optional()}
	})
)

func answer(w http.ResponseWriter, r *http.Request) error {
	switch r.URL.Path {
	case "/order":
		o, err := orders.DecodeRequest(r)
		if err != nil {
			return err
		}
		return orders.Respond(w, r, http.StatusCreated, &o)
	case "/orders":
		list, err := orders.DecodeListRequest(r)
		if err != nil {
			return err
		}
		return orders.RespondList(w, r, http.StatusCreated, list)
	}
	e, err := echoes.DecodeRequest(r)
	if err != nil {
		return err
	}
	data := json.RawMessage(`{}`)
	if e.A != nil {
		data = json.RawMessage(`{"a":` + string(e.A) + `}`)
	}
	return json.NewEncoder(w).Encode(map[string]json.RawMessage{"data": data})
}

// describe writes an error as apierror does.
func describe(w http.ResponseWriter, err error) {
	var known interface {
		HTTPStatus() int
		ErrorDetail() any
	}
	if !errors.As(err, &known) {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(known.HTTPStatus())
	_ = json.NewEncoder(w).Encode(map[string]any{"code": known.HTTPStatus(), "detail": known.ErrorDetail(), "error_code": "TEST_SERVICE/DEFAULT_EXCEPTION"})
}

func TestRequestsAsRecorded(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/errors_http.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases map[string]struct {
		Request struct {
			Path, Body string
			Headers    map[string]string
		}
		Status int
		Body   string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			body := c.Request.Body
			if name == "json_bad_utf8" || name == "json_bom" { // recorded byte by byte
				raw := []byte{}
				for _, r := range body {
					raw = append(raw, byte(r))
				}
				body = string(raw)
			}
			r := httptest.NewRequest(http.MethodPost, c.Request.Path, strings.NewReader(body))
			for k, v := range c.Request.Headers {
				r.Header.Set(k, v)
			}
			w := httptest.NewRecorder()
			if err := answer(w, r); err != nil {
				describe(w, err)
			}
			want := c.Body
			if name == "serializer_ok" { // that service ran without time zones
				want = strings.Replace(want, "03:04:05", "03:04:05Z", 1)
			}
			if w.Code != c.Status || !sameJSON(t, w.Body.Bytes(), []byte(want)) {
				t.Errorf("got %d %s\nwant %d %s", w.Code, w.Body, c.Status, want)
			}
			if name == "serializer_ok" && w.Body.String() != want {
				t.Errorf("got %s, want the very bytes %s", w.Body, want)
			}
		})
	}
}
