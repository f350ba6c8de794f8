package serializer

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// durationCodec shows time.Duration as days, hours, minutes and seconds, and accepts that, ISO 8601 and PostgreSQL's spelling, and seconds as a
// number.
type durationCodec struct {
	valueRules
	min, max *time.Duration
}

func (c *compiler) duration(s *spec, common valueRules) codec {
	c.accepts(s, "Min", "Max", "Unique", "Choices")
	out := &durationCodec{valueRules: common}
	if v, ok := s.rules.min.(time.Duration); ok {
		out.min = &v
	}
	if v, ok := s.rules.max.(time.Duration); ok {
		out.max = &v
	}
	if out.min != nil && out.max != nil && *out.min > *out.max {
		c.fail("Min(%v) is beyond Max(%v), so nothing would be accepted", *out.min, *out.max)
	}
	return out
}

func (c *durationCodec) encode(_ *encoder, dst []byte, a addr) []byte {
	return append(appendDuration(append(dst, '"'), *at[time.Duration](a)), '"')
}

// appendDuration appends what Django's duration_string makes: whole days, which may be negative, and the time that comes on top of them.
func appendDuration(dst []byte, d time.Duration) []byte {
	days, second, micro := durationParts(d)
	if days != 0 {
		dst = append(appendInt(dst, days), ' ')
	}
	return appendClock(dst, second, micro)
}

func durationParts(d time.Duration) (days, second int64, micro int) {
	micros, _ := floorDiv(int64(d), 1000)
	seconds, rest := floorDiv(micros, 1_000_000)
	days, second = floorDiv(seconds, secondsOfDay)
	return days, second, int(rest)
}

// pyDuration is str() of a timedelta, as it stands in messages.
func pyDuration(d time.Duration) string {
	days, second, micro := durationParts(d)
	var dst []byte
	if days != 0 {
		dst = append(appendInt(dst, days), " day"...)
		if days != 1 && days != -1 {
			dst = append(dst, 's')
		}
		dst = append(dst, ", "...)
	}
	clock := string(appendClock(nil, second, micro))
	if clock[0] == '0' {
		clock = clock[1:]
	}
	return string(dst) + clock
}

func (c *durationCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if b := d.peek(); b == '{' || b == '[' {
		d.fail(msgDuration)
		return d.skip()
	}
	text, ok := d.pyStr()
	if !ok {
		return false
	}
	if len(text) > maxNumberText {
		d.fail(msgDuration)
		return true
	}
	micros, ok := parseDuration(text)
	switch {
	case !ok:
		d.fail(msgDuration)
		return true
	case micros > math.MaxInt64/1000:
		d.fail(msgMax(pyDuration(math.MaxInt64)))
		return true
	case micros < math.MinInt64/1000:
		d.fail(msgMin(pyDuration(math.MinInt64)))
		return true
	}
	v := time.Duration(micros) * time.Microsecond
	*at[time.Duration](a) = v
	d.check(c.checks, a)
	if c.max != nil && v > *c.max {
		d.fail(msgMax(pyDuration(*c.max)))
	}
	if c.min != nil && v < *c.min {
		d.fail(msgMin(pyDuration(*c.min)))
	}
	c.ask(d, a, had)
	return true
}

func (c *durationCodec) schema(use) members { return members{{"type", "string"}} }

// The spellings that Django knows: days and a sign, then hours, minutes, seconds and their fraction. Python's $ overlooks one line end.
var durationForms = []*regexp.Regexp{
	regexp.MustCompile(`^(?:(?P<days>-?\d+) (?:days?, )?)?(?P<sign>-?)(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?(?P<seconds>\d+)(?:[.,](?P<micros>\d{1,6})\d{0,6})?\n?$`),
	regexp.MustCompile(`^(?P<all>[-+]?)P(?:(?P<days>\d+(?:.\d+)?)D)?(?:T(?:(?P<hours>\d+(?:.\d+)?)H)?(?:(?P<minutes>\d+(?:.\d+)?)M)?(?:(?P<seconds>\d+(?:.\d+)?)S)?)?\n?$`),
	regexp.MustCompile(`^(?:(?P<days>-?\d+) days? ?)?(?:(?P<sign>[-+])?(?P<hours>\d+):(?P<minutes>\d\d):(?P<seconds>\d\d)(?:\.(?P<micros>\d{1,6}))?)?\n?$`),
}

// parseDuration is Django's parse_duration, in microseconds.
// Beyond what int64 holds it is the limit, which is beyond what a time.Duration holds.
func parseDuration(text string) (micros int64, ok bool) {
	text = asciiDigits(text)
	for _, form := range durationForms {
		parts := form.FindStringSubmatch(text)
		if parts == nil {
			continue
		}
		get := func(name string) (v float64) {
			i := form.SubexpIndex(name)
			if i < 0 || parts[i] == "" {
				return 0
			}
			part := strings.Replace(parts[i], ",", ".", 1)
			if name == "micros" {
				part += strings.Repeat("0", 6-len(part))
			}
			v, err := strconv.ParseFloat(part, 64)
			if err != nil && !math.IsInf(v, 0) {
				ok = false
			}
			return v
		}
		sign := func(name string) float64 {
			if i := form.SubexpIndex(name); i >= 0 && parts[i] == "-" {
				return -1
			}
			return 1
		}
		ok = true
		days, partOfDay := math.Modf(sign("all") * get("days"))
		clock, partOfSecond := math.Modf((get("hours")*60+get("minutes"))*60 + get("seconds") + partOfDay*secondsOfDay*sign("all")*sign("sign"))
		clock, partOfSecond = clock*sign("all")*sign("sign"), math.RoundToEven(partOfSecond*1e6+get("micros"))*sign("all")*sign("sign")
		seconds := days*secondsOfDay + clock
		if most := float64(math.MaxInt64 / 1_000_000); seconds >= most {
			return math.MaxInt64, ok
		} else if seconds <= -most {
			return math.MinInt64, ok
		}
		return int64(seconds)*1_000_000 + int64(partOfSecond), ok
	}
	return 0, false
}
