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
	if !ok || strings.ContainsFunc(s, unicode.IsSpace) {
		return false
	}
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp", "ftps":
	default:
		return false
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	if utf8.RuneCountInString(rest) > 253 {
		return false
	}
	if user, host, ok := strings.Cut(rest, "@"); ok {
		name, password, _ := strings.Cut(user, ":")
		if name == "" || strings.Contains(password, ":") || strings.Contains(host, "@") {
			return false
		}
		rest = host
	}
	host, ok := cutPort(rest)
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

// cutPort takes a port of two to five digits off.
func cutPort(s string) (host string, ok bool) {
	colon := strings.LastIndexByte(s, ':')
	if colon < 0 || strings.HasSuffix(s, "]") {
		return s, true
	}
	port := s[colon+1:]
	for i := range len(port) {
		if !isDigit(port[i]) {
			return "", false
		}
	}
	return s[:colon], len(port) >= 2 && len(port) <= 5
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

// isURLAddress accepts four numbers up to 255 without leading zeros.
func isURLAddress(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return false
	}
	for _, part := range parts {
		if len(part) < 1 || len(part) > 3 || len(part) > 1 && part[0] == '0' {
			return false
		}
		n := 0
		for i := range len(part) {
			if !isDigit(part[i]) {
				return false
			}
			n = n*10 + int(part[i]-'0')
		}
		if n > 255 {
			return false
		}
	}
	return true
}
