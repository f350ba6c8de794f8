package serializer

import (
	"bytes"
	"time"
)

// timeCodec shows time.Time in UTC, as 2006-01-02T15:04:05Z with microseconds only when there are any, and takes a time without a zone as UTC.
type timeCodec struct{ valueRules }

func (c *timeCodec) encode(e *encoder, dst []byte, a addr) []byte {
	t := at[time.Time](a).UTC()
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		e.fail("the year %d has more than four digits", year)
		return dst
	}
	dst = appendDate(append(dst, '"'), year, month, day)
	hour, minute, second := t.Clock()
	dst = appendTwo(append(dst, 'T'), hour)
	dst = appendTwo(append(dst, ':'), minute)
	dst = appendTwo(append(dst, ':'), second)
	if micro := t.Nanosecond() / 1000; micro != 0 {
		dst = append(dst, '.')
		dst = appendTwo(dst, micro/10000)
		dst = appendTwo(dst, micro/100%100)
		dst = appendTwo(dst, micro%100)
	}
	return append(dst, 'Z', '"')
}

func appendDate(dst []byte, year int, month time.Month, day int) []byte {
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), int(month))
	return appendTwo(append(dst, '-'), day)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, '0'+byte(n/10), '0'+byte(n%10)) }

func (c *timeCodec) decode(d *decoder, a, _ addr) bool {
	had := len(d.problems)
	if d.peek() != '"' {
		d.fail(msgDatetime)
		return d.skip()
	}
	s, ok := d.str()
	if !ok {
		return false
	}
	t, ok := parseDatetime(s)
	if !ok {
		d.fail(msgDatetime)
		return true
	}
	if t.Year() < 1 || t.Year() > 9999 {
		d.fail(msgOverflow)
		return true
	}
	*at[time.Time](a) = t
	c.finish(d, a, had)
	return true
}

func (c *timeCodec) schema(use) members { return members{{"type", "string"}, {"format", "date-time"}} }

// dateCodec shows the date of a time.Time, whatever its hour and zone are, and accepts a date as midnight UTC.
type dateCodec struct{ valueRules }

func (c *dateCodec) encode(e *encoder, dst []byte, a addr) []byte {
	year, month, day := at[time.Time](a).Date()
	if year < 0 || year > 9999 {
		e.fail("the year %d has more than four digits", year)
		return dst
	}
	return append(appendDate(append(dst, '"'), year, month, day), '"')
}

func (c *dateCodec) decode(d *decoder, a, _ addr) bool {
	had := len(d.problems)
	if d.peek() != '"' {
		d.fail(msgDate)
		return d.skip()
	}
	s, ok := d.str()
	if !ok {
		return false
	}
	r := timeReader{s: s, ok: true}
	year, month, day := r.date()
	r.newline()
	if !r.ok || len(r.s) > 0 || !isDate(year, month, day) {
		d.fail(msgDate)
		return true
	}
	*at[time.Time](a) = time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	c.finish(d, a, had)
	return true
}

func (c *dateCodec) schema(use) members { return members{{"type", "string"}, {"format", "date"}} }

func isDate(year, month, day int) bool {
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Day() == day
}

// parseDatetime accepts what Django's parse_datetime does: one or two digits for all but the year, T or a space, seconds and their fraction
// as one likes, digits beyond microseconds dropped, and a zone of Z, +03, +0300 or +03:00.
func parseDatetime(s []byte) (time.Time, bool) {
	r := timeReader{s: s, ok: true}
	year, month, day := r.date()
	if !r.char('T') && !r.char(' ') {
		return time.Time{}, false
	}
	hour := r.number(1, 2)
	r.must(':')
	minute := r.number(1, 2)
	second, micro := 0, 0
	if r.char(':') {
		second = r.number(1, 2)
		if r.char('.') || r.char(',') {
			micro = r.fraction()
		}
	}
	offset := r.zone()
	r.newline()
	if !r.ok || len(r.s) > 0 || !isDate(year, month, day) || hour > 23 || minute > 59 || second > 59 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	return t.Add(-time.Duration(offset) * time.Minute), true
}

// timeReader takes the parts of a time from the front of s.
type timeReader struct {
	s  []byte
	ok bool
}

func (r *timeReader) char(c byte) bool {
	if len(r.s) == 0 || r.s[0] != c {
		return false
	}
	r.s = r.s[1:]
	return true
}

func (r *timeReader) must(c byte) { r.ok = r.char(c) && r.ok }

// number takes at least least and at most most digits.
func (r *timeReader) number(least, most int) int {
	n, i := 0, 0
	for ; i < most && i < len(r.s) && isDigit(r.s[i]); i++ {
		n = n*10 + int(r.s[i]-'0')
	}
	r.ok = r.ok && i >= least
	r.s = r.s[i:]
	return n
}

func (r *timeReader) date() (year, month, day int) {
	year = r.number(4, 4)
	r.must('-')
	month = r.number(1, 2)
	r.must('-')
	return year, month, r.number(1, 2)
}

// fraction takes up to twelve digits and counts the first six.
func (r *timeReader) fraction() int {
	had := len(r.s)
	micro := r.number(1, 6)
	for range 6 - (had - len(r.s)) {
		micro *= 10
	}
	r.number(0, 6)
	return micro
}

// zone takes a zone and returns its minutes east; none is UTC.
func (r *timeReader) zone() int {
	if r.char('Z') || len(r.s) == 0 {
		return 0
	}
	sign := 1
	if r.char('-') {
		sign = -1
	} else if !r.char('+') {
		return 0
	}
	minutes := r.number(2, 2) * 60
	if r.char(':') {
		minutes += r.number(2, 2)
	} else if len(r.s) > 0 && isDigit(r.s[0]) {
		minutes += r.number(2, 2)
	}
	r.ok = r.ok && minutes < 24*60
	return sign * minutes
}

// newline takes the one line end that Python's $ overlooks.
func (r *timeReader) newline() {
	if bytes.Equal(r.s, []byte{'\n'}) {
		r.s = nil
	}
}
