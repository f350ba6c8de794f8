package jsonschema

import (
	"net/netip"
	"strings"
	"time"
)

// ofFormat tells whether a text has a format that is well defined and that those who write it keep to. E-mail and other
// addresses are left out: what nobody has filled in is written blank, though blank is no address. Unknown formats restrict
// nothing, as JSON Schema says.
func ofFormat(format, text string) bool {
	switch format {
	case "date-time":
		return isInstant(text)
	case "date":
		return isDate(text)
	case "uuid":
		return isUUID(text)
	case "ipv4":
		ip, err := netip.ParseAddr(text)
		return err == nil && ip.Is4()
	case "ipv6":
		ip, err := netip.ParseAddr(text)
		return err == nil && ip.Is6() && ip.Zone() == ""
	}
	return true
}

func isDate(text string) bool {
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}

// isInstant follows RFC 3339, section 5.6, which is stricter than package time: digits come in pairs, the fraction has a
// point; and more lenient: small letters, leap seconds.
func isInstant(text string) bool {
	const dateLen, shortest = len("2006-01-02"), len("2006-01-02T15:04:05Z")
	if len(text) < shortest || text[dateLen] != 'T' && text[dateLen] != 't' || !isDate(text[:dateLen]) {
		return false
	}
	clock := text[dateLen+1:]
	if last := len(clock) - 1; clock[last] == 'Z' || clock[last] == 'z' {
		clock = clock[:last]
	} else if at := strings.LastIndexAny(clock, "+-"); at >= 0 {
		zone := clock[at+1:]
		clock = clock[:at]
		if len(zone) != 5 || zone[2] != ':' || !below(zone[:2], 24) || !below(zone[3:], 60) {
			return false
		}
	} else {
		return false
	}
	clock, fraction, split := strings.Cut(clock, ".")
	return len(clock) == 8 && clock[2] == ':' && clock[5] == ':' && below(clock[:2], 24) && below(clock[3:5], 60) && below(clock[6:], 61) &&
		split == (fraction != "") && strings.Trim(fraction, "0123456789") == ""
}

// below tells whether two digits are a number below the limit.
func below(digits string, limit int) bool {
	a, b := digits[0]-'0', digits[1]-'0'
	return a <= 9 && b <= 9 && int(a)*10+int(b) < limit
}

func isUUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if text[i] != '-' {
				return false
			}
		} else if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') && (c < 'A' || c > 'F') {
			return false
		}
	}
	return true
}
