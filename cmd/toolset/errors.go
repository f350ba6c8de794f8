package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// serviceErrors prints the errors that an OpenAPI document declares.
func serviceErrors(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("errors", flag.ContinueOnError)
	format := fs.String("format", "table", "table, json or typescript")
	var source string
	for rest := args; len(rest) > 0; rest = fs.Args() { // flags may stand behind the source, too
		fs.SetOutput(stderr)
		if err := fs.Parse(rest); err != nil {
			return errUsage
		}
		if fs.NArg() == 0 {
			break
		}
		if source != "" {
			return misused(stderr, "unexpected argument %q", fs.Arg(0))
		}
		source = fs.Arg(0)
		if err := fs.Parse(fs.Args()[1:]); err != nil {
			return errUsage
		}
	}
	if source == "" {
		return misused(stderr, "errors wants the URL of a service's document, or a file: http://hrm/openapi.json")
	}
	print, ok := map[string]func(io.Writer, catalog) error{"table": printTable, "json": printJSON, "typescript": printTypeScript}[*format]
	if !ok {
		return misused(stderr, "-format is %q: want table, json or typescript", *format)
	}
	text, err := readDocument(ctx, source)
	if err != nil {
		return err
	}
	errs, err := catalogOf(text)
	if err != nil {
		return fmt.Errorf("%s: %w", source, err)
	}
	return print(stdout, errs)
}

const (
	documentTimeout = 30 * time.Second
	maxDocument     = 64 << 20 // bytes
)

// readDocument reads a URL or a file.
func readDocument(ctx context.Context, source string) ([]byte, error) {
	if !strings.HasPrefix(source, "http://") && !strings.HasPrefix(source, "https://") {
		return os.ReadFile(source)
	}
	ctx, cancel := context.WithTimeout(ctx, documentTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, source, nil)
	if err != nil {
		return nil, errors.New("the URL cannot be read; it has the form http://hrm/openapi.json") // it may hold a password
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", r.URL.Redacted(), err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answered %s", r.URL.Redacted(), resp.Status)
	case len(text) > maxDocument:
		return nil, fmt.Errorf("%s answered more than %d bytes", r.URL.Redacted(), maxDocument)
	}
	return text, nil
}

func printTable(w io.Writer, c catalog) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "STATUS\tCODE\tTEXT\tROUTES")
	for _, e := range c.Errors {
		status, routes := fmt.Sprint(e.Status), strings.Join(e.Routes, ", ")
		if e.Status == 0 {
			status, routes = "any", "every route"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", status, oneLine(e.Code), cmp.Or(oneLine(e.Text), "-"), cmp.Or(oneLine(routes), "-"))
	}
	return table.Flush()
}

func printJSON(w io.Writer, c catalog) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c.Errors); err != nil {
		return err
	}
	_, err := out.WriteTo(w)
	return err
}

// oneLine keeps a text that a service brings from breaking the table, or the comment, that it stands in.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
