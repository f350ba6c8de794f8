package serializer

import (
	"bytes"
	"time"
)

// appendDatetime appends a time in UTC, as 2006-01-02T15:04:05Z with microseconds only when there are any.
func appendDatetime(dst []byte, t *time.Time) ([]byte, bool) {
	days, second := floorDiv(t.Unix(), secondsOfDay)
	year, month, day := civil(days)
	if year < 0 || year > 9999 {
		return dst, false
	}
	dst = append(appendDate(dst, year, month, day), 'T')
	return append(appendClock(dst, second, t.Nanosecond()/1000), 'Z'), true
}

// appendDateOf appends the date of a time, whatever its hour and zone are.
func appendDateOf(dst []byte, t *time.Time) ([]byte, bool) {
	year, month, day := t.Date()
	if year < 0 || year > 9999 {
		return dst, false
	}
	return appendDate(dst, year, int(month), day), true
}

// appendTimeOfDay appends the hour, minute and second of a time, whatever its date and zone are.
func appendTimeOfDay(dst []byte, t *time.Time) ([]byte, bool) {
	hour, minute, second := t.Clock()
	return appendClock(dst, int64(hour*60+minute)*60+int64(second), t.Nanosecond()/1000), true
}

const secondsOfDay = 24 * 60 * 60

// appendClock appends a time of day, with microseconds only when there are any.
func appendClock(dst []byte, second int64, micro int) []byte {
	minute := second / 60
	dst = appendTwo(dst, int(minute/60))
	dst = appendTwo(append(dst, ':'), int(minute%60))
	dst = appendTwo(append(dst, ':'), int(second%60))
	if micro != 0 {
		dst = appendTwo(append(dst, '.'), micro/10000)
		dst = appendTwo(dst, micro/100%100)
		dst = appendTwo(dst, micro%100)
	}
	return dst
}

const daysOfEra, toMarchOfYear0 = 146097, 719468

// civil is the date of a day, counted from 1970-01-01. Years are counted from March on, so that the leap day is their last one, in eras of
// 400 years, which all have the same number of days.
func civil(days int64) (year, month, day int) {
	era, dayOfEra := floorDiv(days+toMarchOfYear0, daysOfEra)
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/(daysOfEra-1)) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153 // months since March: 153 days in every five of them
	day = int(dayOfYear-(153*m+2)/5) + 1
	year = int(yearOfEra + 400*era)
	if m >= 10 {
		return year + 1, int(m) - 9, day
	}
	return year, int(m) + 3, day
}

// floorDiv is a/b and its rest, which is never negative.
func floorDiv(a, b int64) (quotient, rest int64) {
	quotient, rest = a/b, a%b
	if rest < 0 {
		return quotient - 1, rest + b
	}
	return quotient, rest
}

func appendDate(dst []byte, year, month, day int) []byte {
	dst = appendTwo(appendTwo(dst, year/100), year%100)
	dst = appendTwo(append(dst, '-'), month)
	return appendTwo(append(dst, '-'), day)
}

func appendTwo(dst []byte, n int) []byte {
	two := pairs[n]
	return append(dst, byte(two), byte(two>>8))
}

func isDate(year, month, day int) bool {
	if year < 1 || month < 1 || month > 12 || day < 1 {
		return false
	}
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t.Day() == day
}

// parseShown reads times as they are shown: 2006-01-02T15:04:05Z and 2006-01-02T15:04:05.000000Z.
func parseShown(s []byte) (time.Time, bool) {
	const short, long = len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.000000Z")
	last := len(s) - 1
	if len(s) != short && len(s) != long || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[last] != 'Z' {
		return time.Time{}, false
	}
	wrong := 0 // negative when something was no digit
	two := func(i int) int {
		tens, units := int(s[i])-'0', int(s[i+1])-'0'
		wrong |= tens | units | (9 - tens) | (9 - units)
		return tens*10 + units
	}
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	micro := 0
	if len(s) == long {
		micro = two(20)*10_000 + two(22)*100 + two(24)
		if s[19] != '.' {
			return time.Time{}, false
		}
	}
	if wrong < 0 || hour > 23 || minute > 59 || second > 59 || year < 1 || month < 1 || month > 12 || day < 1 || day > 28 && !isDate(year, month, day) {
		return time.Time{}, false
	}
	seconds := daysSince1970(year, month, day)*secondsOfDay + int64(hour*3600+minute*60+second)
	return time.Unix(seconds, int64(micro)*1000).UTC(), true
}

// daysSince1970 is the other way round of civil.
func daysSince1970(year, month, day int) int64 {
	if month -= 3; month < 0 {
		month += 12
		year--
	}
	era, yearOfEra := floorDiv(int64(year), 400)
	dayOfYear := int64((153*month+2)/5 + day - 1)
	return era*daysOfEra + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear - toMarchOfYear0
}

// parseDatetime accepts what Django's parse_datetime does: one or two digits for all but the year, T or a space, seconds and their fraction
// as one likes, digits beyond microseconds dropped, and a zone of Z, +03, +0300 or +03:00.
func parseDatetime(s []byte) (time.Time, bool) {
	if t, ok := parseShown(s); ok {
		return t, true
	}
	r := readTime(s)
	year, month, day := r.date()
	if !r.char('T') && !r.char(' ') {
		return time.Time{}, false
	}
	hour, minute, second, micro := r.clock()
	offset := r.zone()
	r.newline()
	if !r.ok || len(r.s) > 0 || !isDate(year, month, day) || !isClock(hour, minute, second) {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	return t.Add(-time.Duration(offset) * time.Minute), true
}

// parseDate accepts what Django's parse_date does.
func parseDate(s []byte) (time.Time, bool) {
	r := readTime(s)
	year, month, day := r.date()
	r.newline()
	if !r.ok || len(r.s) > 0 || !isDate(year, month, day) {
		return time.Time{}, false
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC), true
}

// parseTimeOfDay accepts what Django's parse_time does, which does not look at what follows the time.
func parseTimeOfDay(s []byte) (time.Time, bool) {
	r := readTime(s)
	hour, minute, second, micro := r.clock()
	if !r.ok || !isClock(hour, minute, second) {
		return time.Time{}, false
	}
	return timeOfDay(hour, minute, second, micro*1000), true
}

func isClock(hour, minute, second int) bool { return hour <= 23 && minute <= 59 && second <= 59 }

// timeReader takes the parts of a time from the front of s.
type timeReader struct {
	s  []byte
	ok bool
}

func readTime(s []byte) timeReader {
	return timeReader{s: []byte(asciiDigits(textView(s))), ok: true}
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

// clock takes hour and minute, and seconds with their fraction when there are any. What does not go on like that is left.
func (r *timeReader) clock() (hour, minute, second, micro int) {
	hour = r.number(1, 2)
	r.must(':')
	minute = r.number(1, 2)
	if len(r.s) > 1 && r.s[0] == ':' && isDigit(r.s[1]) {
		r.s = r.s[1:]
		second = r.number(1, 2)
		if len(r.s) > 1 && (r.s[0] == '.' || r.s[0] == ',') && isDigit(r.s[1]) {
			r.s = r.s[1:]
			micro = r.fraction()
		}
	}
	return hour, minute, second, micro
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
