package serializer_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

func numbered(n int) iter.Seq[person] {
	return func(yield func(person) bool) {
		for i := range n {
			if !yield(person{ID: int64(i), Name: "Ann", DepartmentID: int64(i % 50)}) {
				return
			}
		}
	}
}

// A stream is the same JSON as a list, with a lookup for each thousand objects at most.
func TestAStreamIsAList(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people := newPeople(l)
	var out bytes.Buffer
	if err := people.Stream(t.Context(), &out, numbered(2500)); err != nil {
		t.Fatal(err)
	}
	if len(l.departments) != 1 {
		t.Errorf("%d lookups for fifty departments", len(l.departments))
	}
	list, err := people.AppendList(t.Context(), nil, slices.Collect(numbered(2500)))
	if err != nil || !bytes.Equal(list, out.Bytes()) {
		t.Errorf("the stream is not the list (%v)", err)
	}
	out.Reset()
	if err := people.Stream(t.Context(), &out, numbered(0)); err != nil || out.String() != "[]" {
		t.Errorf("none: %s %v", out.String(), err)
	}
}

// Ten thousand objects need one lookup to be accepted and one to be shown.
func TestTwoLookupsForTenThousandObjects(t *testing.T) {
	t.Parallel()
	l := &lookups{}
	people := newPeople(l)
	input := bytes.NewBufferString("[")
	for i := range 10_000 {
		if i > 0 {
			input.WriteByte(',')
		}
		input.WriteString(`{"name":"Ann","department":` + string(rune('1'+i%9)) + `}`)
	}
	input.WriteByte(']')
	list, err := people.DecodeList(t.Context(), input.Bytes())
	if err != nil || len(list) != 10_000 {
		t.Fatal(len(list), err)
	}
	if _, err := people.AppendList(t.Context(), nil, list); err != nil || len(l.departments) != 2 {
		t.Errorf("%d lookups (%v)", len(l.departments), err)
	}
}

// The memory of a stream does not grow with its length.
func TestAMillionObjectsStreamInFlatMemory(t *testing.T) { //nolint:paralleltest // memory is measured for the whole process
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if err := rows.Stream(t.Context(), io.Discard, func(yield func(row) bool) {
		for i := range n {
			if !yield(row{int64(i), "a row"}) {
				return
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 16<<20 {
		t.Errorf("%d bytes were allocated for %d objects", allocated, n)
	}
}

type failing struct{ after int }

var errFull = errors.New("the disk is full")

func (f *failing) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestABrokenStreamHasNoEnd(t *testing.T) {
	t.Parallel()
	gone := errors.New("the connection is gone")
	broken := func(yield func(row, error) bool) {
		for i := range 10_000 {
			if !yield(row{int64(i), "a"}, nil) {
				return
			}
		}
		yield(row{}, gone)
	}
	var out bytes.Buffer
	if err := rows.StreamRows(t.Context(), &out, broken); !errors.Is(err, gone) || json.Valid(out.Bytes()) || out.Len() == 0 {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if err := rows.StreamRows(t.Context(), &failing{40_000}, broken); !errors.Is(err, errFull) {
		t.Errorf("writing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := rows.StreamRows(ctx, io.Discard, broken); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	type x struct{ F float64 }
	floats := serializer.New(func(x *x) serializer.Fields { return serializer.Fields{serializer.Field(&x.F)} })
	if err := floats.Stream(t.Context(), io.Discard, slices.Values([]x{{math.NaN()}})); err == nil {
		t.Error("NaN was shown")
	}
	down := errors.New("database is down")
	if err := newPeople(&lookups{fail: down}).Stream(t.Context(), io.Discard, numbered(1)); !errors.Is(err, down) {
		t.Errorf("looking up: %v", err)
	}
}

// A client gets chunks, and an answer that breaks off when something goes wrong on the way.
func TestRespondStream(t *testing.T) {
	t.Parallel()
	gone := errors.New("the connection is gone")
	failAt := func(n int) iter.Seq2[row, error] {
		return func(yield func(row, error) bool) {
			for i := range 20_000 {
				if i == n {
					yield(row{}, gone)
					return
				}
				if !yield(row{int64(i), "a"}, nil) {
					return
				}
			}
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		switch r.URL.Path {
		case "/good":
			err = rows.RespondStream(w, r, http.StatusAccepted, slices.Values([]row{{1, "a"}}))
		case "/early":
			err = rows.RespondRows(w, r, http.StatusOK, failAt(0))
		case "/late":
			err = rows.RespondRows(w, r, http.StatusOK, failAt(10_000))
		}
		if err != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	defer server.Close()
	for path, want := range map[string]struct {
		status int
		whole  bool
	}{"/good": {202, true}, "/early": {418, true}, "/late": {200, false}} {
		answer, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != want.status || (err == nil) != want.whole {
			t.Errorf("%s: %d, %d bytes, %v", path, answer.StatusCode, len(body), err)
		}
		if path == "/good" && (string(body) != `[{"id":1,"name":"a"}]` || answer.Header.Get("Content-Type") != "application/json") {
			t.Errorf("%s %v", body, answer.Header)
		}
	}
}
