package serializer

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isURL is Django's URLValidator.
func isURL(s string) bool {
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsFunc(s, isPySpace) {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp", "ftps":
	default:
		return false
	}
	authority := beforePath(rest)
	if authority == "" || utf8.RuneCountInString(authority) > 253 {
		return false
	}
	if isURLAuthority(authority) {
		return true
	}
	user, host, ok := strings.Cut(rest, "@") // a name may have what ends an address elsewhere
	name, password, _ := strings.Cut(user, ":")
	return ok && name != "" && !strings.Contains(name, "/") && !strings.ContainsAny(password, ":/") && isURLAuthority(beforePath(host))
}

func beforePath(s string) string {
	if end := strings.IndexAny(s, "/?#"); end >= 0 {
		return s[:end]
	}
	return s
}

// isURLAuthority accepts a host with or without a port.
func isURLAuthority(s string) bool {
	host, ok := cutPort(s)
	if !ok {
		return false
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		ip, err := netip.ParseAddr(host[1 : len(host)-1])
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	if isURLHost(host) {
		return true
	}
	ascii, ok := asciiDomain(host)
	return ok && isURLHost(ascii)
}

// cutPort takes a port of two to five digits of any script off.
func cutPort(s string) (host string, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return s, true
	}
	n := 0
	for _, r := range s[colon+1:] {
		if !unicode.IsDigit(r) {
			return "", false
		}
		n++
	}
	return s[:colon], n >= 2 && n <= 5
}

// isURLHost accepts IPv4 addresses, localhost, and names of at least two labels whose last one has no digits.
func isURLHost(s string) bool {
	if isURLAddress(s) || strings.EqualFold(s, "localhost") {
		return true
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	last := len(labels) - 1
	if last < 1 {
		return false
	}
	for _, label := range labels[:last] {
		if !isURLLabel(label, true) {
			return false
		}
	}
	top := labels[last]
	if rest, ok := cutPrefixFold(top, "xn--"); ok && rest != "" && len(rest) <= 59 && isURLLabel(top, true) && isASCII(rest) && !strings.Contains(rest, "-") {
		return true
	}
	return utf8.RuneCountInString(top) >= 2 && isURLLabel(top, false)
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// isURLLabel accepts up to 63 letters, hyphens inside, digits where they are allowed, and all of Unicode's first plane beyond ASCII.
func isURLLabel(s string, digits bool) bool {
	if s == "" || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	n := 0
	for _, r := range s {
		n++
		switch {
		case r < utf8.RuneSelf && (isLetter(byte(r)) || r == '-'):
		case r < utf8.RuneSelf && digits && isDigit(byte(r)):
		case '\u00a1' <= r && r <= '\uffff':
		default:
			return false
		}
	}
	return n <= 63
}

// isURLAddress accepts four numbers up to 255 without leading zeros. Digits of other scripts may stand where any digit may.
func isURLAddress(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, part := range parts {
		if !isURLByte([]rune(part)) {
			return false
		}
	}
	return true
}

func isURLByte(digits []rune) bool {
	for _, r := range digits {
		if !unicode.IsDigit(r) {
			return false
		}
	}
	switch n := len(digits); {
	case n == 0 || n > 3 || digits[0] > '9' || digits[0] == '0' && n > 1:
		return false
	case n < 3 || digits[0] == '1':
		return true
	case digits[0] > '2' || digits[1] > '5':
		return false
	}
	return digits[1] < '5' || digits[2] <= '5'
}
