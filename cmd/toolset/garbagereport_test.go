package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	bar := &report{out: &out, terminal: true, total: 4}
	bar.looked() // at once, as the last was long ago
	bar.looked()
	bar.seen = 4
	bar.end("replayed", 3, 1)
	want := "\r[##########" + strings.Repeat(" ", 30) + "] 1 of 4" +
		"\r[" + strings.Repeat("#", 40) + "] 4 of 4\nreplayed 3\n1 more may be in both queues\n"
	if out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out.String(), want)
	}
	out.Reset()
	lines := &report{out: &out, total: 4}
	lines.looked()
	lines.end("would drop", 1, 0)
	if want := "{\"seen\":1,\"of\":4}\n{\"would_drop\":1,\"seen\":1,\"of\":4,\"unknown\":0}\n"; out.String() != want {
		t.Errorf("elsewhere: %q, want %q", out.String(), want)
	}
}
