package main

import (
	"strings"
	"testing"
	"time"
)

func TestReport(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	bar := &report{out: &out, terminal: true, total: 4}
	bar.looked() // at once, as the last was long ago
	bar.looked()
	bar.seen = 4
	bar.end("replayed", 2, []string{"m4"})
	want := "\r[##########" + strings.Repeat(" ", 30) + "] 1 of 4" +
		"\r[" + strings.Repeat("#", 40) + "] 4 of 4\nreplayed 2, left 1\n1 may be in both queues, or still stored: [\"m4\"]\n"
	if out.String() != want {
		t.Errorf("on a terminal: %q, want %q", out.String(), want)
	}
	out.Reset()
	lines := &report{out: &out, total: 4}
	lines.looked()
	lines.end("would drop", 1, []string{})
	if want := "{\"seen\":1,\"of\":4}\n{\"would_drop\":1,\"seen\":1,\"of\":4,\"left\":3,\"unknown\":[]}\n"; out.String() != want {
		t.Errorf("elsewhere: %q, want %q", out.String(), want)
	}
	out.Reset()
	more := &report{out: &out, total: 1, last: time.Now()}
	more.looked()
	more.looked() // came between counting and reading
	more.looked()
	more.end("dropped", 1, []string{})
	if want := "{\"dropped\":1,\"seen\":3,\"of\":3,\"left\":2,\"unknown\":[]}\n"; out.String() != want {
		t.Errorf("more than was counted: %q, want %q", out.String(), want)
	}
}
