package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestEventsDiff(t *testing.T) {
	t.Parallel()
	const older, newer = "testdata/older.json", "testdata/newer.json"
	for name, tt := range map[string]struct {
		args   []string
		golden string
		fails  bool
	}{
		"readable":              {[]string{older, newer}, "diff.txt", true},
		"json":                  {[]string{"-json", older, newer}, "diff.json", true},
		"flags behind":          {[]string{older, newer, "--json"}, "diff.json", true},
		"nothing":               {[]string{older, older}, "none.txt", false},
		"nothing, json":         {[]string{"-json", older, older}, "none.json", false},
		"compatible alone":      {[]string{older, "testdata/more.json"}, "more.txt", false},
		"compatible backwards?": {[]string{"testdata/more.json", older}, "less.txt", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			err := run(t.Context(), append([]string{"events", "diff"}, tt.args...), &stdout, &stderr)
			if (err != nil) != tt.fails || errors.Is(err, errUsage) || stderr.Len() > 0 {
				t.Errorf("error %v, want one: %v; stderr %q", err, tt.fails, &stderr)
			}
			golden(t, tt.golden, stdout.Bytes())
		})
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got:\n%s\nwant (%s):\n%s", got, file, want)
	}
}

func TestEventsMisused(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"events", "events melt", "events melt x", "events diff", "events diff one", "events diff a b c", "events diff -x a b", "events fetch",
		"events fetch a b", "events fetch hrm.example.com", "events fetch ftp://hrm",
	} {
		var stdout, stderr bytes.Buffer
		if err := run(t.Context(), strings.Fields(args), &stdout, &stderr); !errors.Is(err, errUsage) || stderr.Len() == 0 || stdout.Len() > 0 {
			t.Errorf("%s: %v, stdout %q, stderr %q", args, err, &stdout, &stderr)
		}
	}
}

func TestEventsDiffNamesTheFile(t *testing.T) {
	t.Parallel()
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte("asyncapi: 2.6.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, files := range [][]string{{bad, "testdata/older.json"}, {"testdata/older.json", bad}, {"testdata/none such.json", bad}} {
		err := run(t.Context(), append([]string{"events", "diff"}, files...), new(bytes.Buffer), new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), "bad.json") && !strings.Contains(err.Error(), "none such.json") {
			t.Errorf("%q: %v", files, err)
		}
	}
}

func TestEventsFetch(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("testdata/older.json")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/asyncapi.json", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != "application/json" {
			t.Errorf("Accept is %q", r.Header.Get("Accept"))
		}
		_, _ = w.Write(document)
	})
	mux.HandleFunc("/asyncapi.yaml", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("asyncapi: 3.0.0\n")) })
	mux.HandleFunc("/page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) })
	server := httptest.NewServer(mux)
	defer server.Close()

	var stdout bytes.Buffer
	if err := run(t.Context(), []string{"events", "fetch", server.URL + "/asyncapi.json"}, &stdout, new(bytes.Buffer)); err != nil || !bytes.Equal(stdout.Bytes(), document) {
		t.Errorf("%v, %s", err, &stdout)
	}
	stdout.Reset()
	if err := run(t.Context(), []string{"events", "fetch", server.URL + "/asyncapi.yaml"}, &stdout, new(bytes.Buffer)); err != nil || stdout.String() != "asyncapi: 3.0.0\n" {
		t.Errorf("YAML: %v, %s", err, &stdout)
	}
	for path, want := range map[string]string{"/page": "this is no AsyncAPI document", "/none": "404"} {
		stdout.Reset()
		err := run(t.Context(), []string{"events", "fetch", strings.Replace(server.URL, "//", "//ann:secret@", 1) + path}, &stdout, new(bytes.Buffer))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") || stdout.Len() > 0 {
			t.Errorf("%s: %v, %s", path, err, &stdout)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := run(gone, []string{"events", "fetch", server.URL + "/asyncapi.json"}, &stdout, new(bytes.Buffer)); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}
