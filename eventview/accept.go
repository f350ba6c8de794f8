package eventview

import (
	"strconv"
	"strings"
)

// prefersHTML tells whether an Accept header asks for a page more than for JSON. Browsers do; a client that names
// neither, or takes anything, gets JSON.
func prefersHTML(accept string) bool {
	return weight(accept, "text", "html") > weight(accept, "application", "json")
}

// weight is how much a header wants a media type, from 0 to 1: what its most specific range says.
func weight(accept, kind, subtype string) float64 {
	best, specific := 0.0, -1
	for part := range strings.SplitSeq(accept, ",") {
		media, params, _ := strings.Cut(part, ";")
		major, minor, _ := strings.Cut(strings.ToLower(strings.TrimSpace(media)), "/")
		match := -1
		switch {
		case major == kind && minor == subtype:
			match = 2
		case major == kind && minor == "*":
			match = 1
		case major == "*" && minor == "*":
			match = 0
		}
		if match > specific {
			best, specific = quality(params), match
		}
	}
	return best
}

func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
		if !strings.EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
		return 0
	}
	return 1
}
