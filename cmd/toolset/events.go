package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

func events(ctx context.Context, verb string, args []string, stdout, stderr io.Writer) error {
	switch verb {
	case "diff":
		return eventsDiff(args, stdout, stderr)
	case "fetch":
		return eventsFetch(ctx, args, stdout, stderr)
	}
	return misused(stderr, "events has no %q", verb)
}

// eventsDiff compares two AsyncAPI documents; the error says that somebody would break.
func eventsDiff(args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("events diff", flag.ContinueOnError)
	asJSON := fs.Bool("json", false, "print one JSON object")
	files, err := positional(fs, args, stderr)
	if err != nil {
		return err
	}
	if len(files) != 2 {
		return misused(stderr, "events diff compares two files, the older one first; there are %d", len(files))
	}
	older, err := readContract(files[0])
	if err != nil {
		return err
	}
	newer, err := readContract(files[1])
	if err != nil {
		return err
	}
	changes := contract.Compare(older, newer)
	breaking := 0
	for _, c := range changes {
		if c.Breaking {
			breaking++
		}
	}
	if *asJSON {
		e := json.NewEncoder(stdout)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		err = e.Encode(struct {
			Breaking int               `json:"breaking"`
			Changes  []contract.Change `json:"changes"`
		}{breaking, append([]contract.Change{}, changes...)})
	} else {
		err = printChanges(stdout, changes, breaking)
	}
	if err != nil {
		return err
	}
	if breaking > 0 {
		return fmt.Errorf("%d of %d changes break consumers or senders; docs/event-changes.md tells why", breaking, len(changes))
	}
	return nil
}

// printChanges prints one change a line, the breaking ones first.
func printChanges(w io.Writer, changes []contract.Change, breaking int) error {
	for _, wanted := range []bool{true, false} {
		for _, c := range changes {
			if c.Breaking == wanted {
				if _, err := fmt.Fprintln(w, c); err != nil {
					return err
				}
			}
		}
	}
	_, err := fmt.Fprintf(w, "%d breaking, %d compatible\n", breaking, len(changes)-breaking)
	return err
}

func readContract(file string) (*contract.Document, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d, err := parseContract(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return d, nil
}

func parseContract(text []byte) (*contract.Document, error) {
	text, err := documentJSON(text)
	if err != nil {
		return nil, err
	}
	return contract.Parse(text)
}

// A document of thousands of events takes some megabytes.
const (
	maxFetch     = 64 << 20
	fetchTimeout = 30 * time.Second
)

// eventsFetch prints the AsyncAPI document of a running service, once it is sure that it is one.
func eventsFetch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet("events fetch", flag.ContinueOnError)
	addresses, err := positional(fs, args, stderr)
	if err != nil {
		return err
	}
	if len(addresses) != 1 {
		return misused(stderr, "events fetch takes one URL; there are %d", len(addresses))
	}
	address, err := url.Parse(addresses[0])
	if err != nil || address.Scheme != "http" && address.Scheme != "https" || address.Host == "" {
		return misused(stderr, "events fetch takes a URL like https://hrm.example.com/asyncapi.json")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	text, err := fetch(ctx, address)
	if err != nil {
		return fmt.Errorf("%s: %w", address.Redacted(), err)
	}
	_, err = stdout.Write(text)
	return err
}

func fetch(ctx context.Context, address *url.URL) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), http.NoBody)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the service answered %s", answer.Status)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxFetch+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxFetch {
		return nil, fmt.Errorf("the document is larger than %d MiB", maxFetch>>20)
	}
	if _, err := parseContract(text); err != nil {
		return nil, err
	}
	return text, nil
}

// positional reads flags that may stand before, between and behind the arguments.
func positional(fs *flag.FlagSet, args []string, stderr io.Writer) ([]string, error) {
	fs.SetOutput(stderr)
	var rest []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, errUsage
		}
		if args = fs.Args(); len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}
