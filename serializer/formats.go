package serializer

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// isEmail is Django's EmailValidator.
func isEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 0 || !isMailbox(s[:at]) {
		return false
	}
	domain := s[at+1:]
	if domain == "localhost" || isMailDomain(domain) {
		return true
	}
	ascii, ok := asciiDomain(domain)
	return ok && isMailDomain(ascii)
}

// isMailbox accepts dot-atoms and quoted strings.
func isMailbox(s string) bool {
	if strings.HasPrefix(s, `"`) {
		return len(s) > 1 && strings.HasSuffix(s, `"`) && isQuotedMailbox(s[1:len(s)-1])
	}
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return false
		}
		for i := range len(part) {
			if c := part[i]; !isAlnum(c) && strings.IndexByte("-!#$%&'*+/=?^_`{}|~", c) < 0 {
				return false
			}
		}
	}
	return true
}

func isQuotedMailbox(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' {
			if i++; i >= len(s) {
				return false
			}
			c = s[i]
			if c == 0 || c > 0x7f || c == '\n' || c == '\r' {
				return false
			}
			continue
		}
		if c == 0 || c > 0x7f || c == '\t' || c == '\n' || c == '\r' || c == ' ' || c == '"' {
			return false
		}
	}
	return true
}

// isMailDomain accepts host names of at least two labels, and addresses in brackets.
func isMailDomain(s string) bool {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		ip, err := netip.ParseAddr(s[1 : len(s)-1])
		return err == nil && ip.Zone() == ""
	}
	labels := strings.Split(s, ".")
	last := len(labels) - 1
	for _, label := range labels[:last] {
		if !isLabel(label) {
			return false
		}
	}
	return last > 0 && isLastLabel(labels[last])
}

// isLabel accepts up to 63 letters, digits and hyphens, the latter inside only.
func isLabel(s string) bool {
	return s != "" && len(s) <= 63 && s[0] != '-' && s[len(s)-1] != '-' && allHostBytes(s)
}

// isLastLabel is what stands behind the last dot: two characters at least, and a hyphen may come first.
func isLastLabel(s string) bool {
	return len(s) >= 2 && len(s) <= 63 && s[len(s)-1] != '-' && allHostBytes(s)
}

func allHostBytes(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlnum(c) && c != '-' {
			return false
		}
	}
	return true
}

const (
	maxDomain = 1024 // bytes before the spelling in ASCII; a domain has at most 253 characters
	maxLabel  = 63   // characters between two dots: more are not spelled in ASCII, which takes quadratic time
)

var domainDots = strings.NewReplacer("。", ".", "．", ".", "｡", ".")

// asciiDomain spells the labels of a domain in ASCII where they are not. It accepts a little more than Python's codec, which knows lists of
// characters that no domain may have: here these are white space, control characters and those that no one has assigned.
func asciiDomain(s string) (string, bool) {
	if len(s) > maxDomain || isASCII(s) {
		return s, false
	}
	labels := strings.Split(domainDots.Replace(s), ".")
	for i, label := range labels {
		if label == "" && i < len(labels)-1 || strings.HasPrefix(strings.ToLower(label), "xn--") && !isASCII(label) {
			return "", false
		}
		if isASCII(label) {
			continue
		}
		for _, r := range label {
			if unicode.IsSpace(r) || unicode.IsControl(r) || !unicode.IsGraphic(r) {
				return "", false
			}
		}
		if utf8.RuneCountInString(label) > maxLabel {
			return "", false
		}
		labels[i] = "xn--" + punycode(strings.ToLower(label))
		if len(labels[i]) > maxLabel {
			return "", false
		}
	}
	return strings.Join(labels, "."), true
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// punycode is the encoding of RFC 3492.
func punycode(label string) string {
	const base, tMin, tMax, skew, damp, firstBias, firstN = 36, 1, 26, 38, 700, 72, 128
	var out []byte
	for i := range len(label) {
		if label[i] < utf8.RuneSelf {
			out = append(out, label[i])
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	runes := []rune(label)
	n, delta, bias := rune(firstN), 0, firstBias
	for done := basic; done < len(runes); {
		next := rune(unicode.MaxRune)
		for _, r := range runes {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (done + 1)
		n = next
		for _, r := range runes {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := min(max(k-bias, tMin), tMax)
				if q < t {
					out = append(out, punycodeDigit(q))
					break
				}
				out = append(out, punycodeDigit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			// adapt the bias
			if done == basic {
				delta /= damp
			} else {
				delta /= 2
			}
			delta += delta / (done + 1)
			k := 0
			for ; delta > (base-tMin)*tMax/2; k += base {
				delta /= base - tMin
			}
			bias = k + (base-tMin+1)*delta/(delta+skew)
			delta = 0
			done++
		}
		delta++
		n++
	}
	return string(out)
}

func punycodeDigit(d int) byte {
	if d < 26 {
		return 'a' + byte(d)
	}
	return '0' + byte(d-26)
}
