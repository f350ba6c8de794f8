package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

// A report tells how far a command is: a bar on a terminal, else lines of JSON.
type report struct {
	out      io.Writer
	terminal bool
	total    int // messages of the snapshot, or rows
	seen     int
	last     time.Time
}

const (
	barWidth    = 40
	barInterval = 100 * time.Millisecond
	logInterval = 5 * time.Second
)

func newReport(out io.Writer, total int) *report {
	return &report{out: out, terminal: isTerminal(out), total: total, last: time.Now()}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// looked counts a message that was looked at.
func (r *report) looked() { r.at(r.seen + 1) }

// at tells from time to time that so many are done.
func (r *report) at(seen int) {
	r.seen, r.total = seen, max(r.total, seen) // more may have come since the total was counted
	interval := logInterval
	if r.terminal {
		interval = barInterval
	}
	if time.Since(r.last) < interval {
		return
	}
	r.last = time.Now()
	if r.terminal {
		r.bar()
	} else {
		fmt.Fprintf(r.out, "{\"seen\":%d,\"of\":%d}\n", r.seen, r.total)
	}
}

func (r *report) bar() {
	full := barWidth
	if r.total > 0 {
		full = min(barWidth, barWidth*r.seen/r.total)
	}
	fmt.Fprintf(r.out, "\r[%s%s] %d of %d", strings.Repeat("#", full), strings.Repeat(" ", barWidth-full), r.seen, r.total)
}

// end says what was done, what is left, and the ids of messages whose outcome is unknown, empty for those that have none.
func (r *report) end(done string, n int, unknown []string) {
	left := r.total - n - len(unknown)
	if !r.terminal {
		ids, _ := json.Marshal(unknown) // texts always can be
		key := strings.ReplaceAll(done, " ", "_")
		fmt.Fprintf(r.out, "{%q:%d,\"seen\":%d,\"of\":%d,\"left\":%d,\"unknown\":%s}\n", key, n, r.seen, r.total, left, ids)
		return
	}
	r.bar()
	fmt.Fprintf(r.out, "\n%s %d, left %d\n", done, n, left)
	if len(unknown) > 0 {
		fmt.Fprintf(r.out, "%d may be in both queues, or still stored: %q\n", len(unknown), unknown)
	}
}
