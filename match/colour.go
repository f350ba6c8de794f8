package match

import "os"

// A palette colours the parts of a report. The zero value leaves it plain.
type palette struct{ path, minus, plus, reset string }

var ansi = palette{path: "\x1b[1m", minus: "\x1b[31m", plus: "\x1b[32m", reset: "\x1b[0m"}

// paletteFromEnv returns colours when somebody looks at them: package testing writes to the standard output, and that is a
// terminal, which it is in "go test" without package names and when a test binary runs by hand. The variables NO_COLOR
// (with any value but the empty one) and TERM=dumb turn colours off. It is asked when a test fails, never at import.
func paletteFromEnv() palette {
	if os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return palette{}
	}
	out, err := os.Stdout.Stat()
	if err != nil || out.Mode()&os.ModeCharDevice == 0 {
		return palette{}
	}
	if null, err := os.Stat(os.DevNull); err == nil && os.SameFile(out, null) { // a character device too
		return palette{}
	}
	return ansi
}
