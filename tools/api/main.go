// Command api keeps docs/api.txt, the list of everything that the root module exports, one line for each name.
// Without -write it fails when the list and the code differ, so that no change of the public API goes unseen.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	root := flag.String("root", ".", "folder of the root module")
	write := flag.Bool("write", false, "write docs/api.txt instead of comparing with it")
	flag.Parse()
	if err := run(*root, *write); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

func run(root string, write bool) error {
	lines, err := listModule(root)
	if err != nil {
		return err
	}
	now := []byte(strings.Join(lines, "\n") + "\n")
	file := filepath.Join(root, "docs", "api.txt")
	if write {
		return os.WriteFile(file, now, 0o644)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("%w (run \"make api\")", err)
	}
	if bytes.Equal(before, now) {
		return nil
	}
	return fmt.Errorf("the public API differs from docs/api.txt:\n%s\nrun \"make api\" and describe the change in CHANGELOG.md", difference(before, now))
}

// difference lists the lines that only one side has.
func difference(before, after []byte) string {
	var out strings.Builder
	only := func(mark string, a, b []byte) {
		known := map[string]bool{}
		for line := range strings.Lines(string(b)) {
			known[line] = true
		}
		for line := range strings.Lines(string(a)) {
			if !known[line] {
				out.WriteString("  " + mark + " " + line)
			}
		}
	}
	only("-", before, after)
	only("+", after, before)
	return out.String()
}
