package serializer

import (
	"strings"
	"time"
)

// ISO8601 is the layout that times, dates and times of day have by default. It is for AcceptLayouts, beside others.
const ISO8601 = "iso-8601"

// timeKind is what a time.Time stands for in a field.
type timeKind struct {
	name    string // in messages
	human   string // of ISO 8601, in messages
	parse   func([]byte) (time.Time, bool)
	clean   func(time.Time) time.Time // of what a layout read
	append  func(dst []byte, t *time.Time) ([]byte, bool)
	format  string // in JSON Schema; empty where it has none
	instant bool   // shown in UTC
}

var (
	datetimes = &timeKind{
		name: "Datetime", human: "YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z]", format: "date-time", instant: true,
		parse: parseDatetime, append: appendDatetime, clean: time.Time.UTC,
	}
	dates = &timeKind{
		name: "Date", human: "YYYY-MM-DD", format: "date", parse: parseDate, append: appendDateOf,
		clean: func(t time.Time) time.Time {
			return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
		},
	}
	timesOfDay = &timeKind{
		name: "Time", human: "hh:mm[:ss[.uuuuuu]]", parse: parseTimeOfDay, append: appendTimeOfDay,
		clean: func(t time.Time) time.Time {
			return timeOfDay(t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
		},
	}
)

// timeOfDay is the time.Time of a time of day: that of its zero year, as time.Parse has it.
func timeOfDay(hour, minute, second, nanosecond int) time.Time {
	return time.Date(0, 1, 1, hour, minute, second, nanosecond, time.UTC)
}

// timeCodec shows and accepts time.Time.
type timeCodec struct {
	valueRules
	kind    *timeKind
	layouts []string // that are accepted
	show    string   // "" is ISO 8601
	wrong   Message
}

func (c *compiler) time(s *spec, common valueRules) codec {
	c.accepts(s, "Date", "TimeOfDay", "AcceptLayouts", "ShowLayout", "Unique", "Choices")
	out := &timeCodec{valueRules: common, kind: datetimes, layouts: s.rules.layouts, show: s.rules.showLayout}
	switch s.rules.format {
	case dateFormat:
		out.kind = dates
	case timeOfDayFormat:
		out.kind = timesOfDay
	}
	if out.layouts == nil {
		out.layouts = []string{ISO8601}
	}
	human := make([]string, len(out.layouts))
	for i, layout := range out.layouts {
		if human[i] = out.kind.human; layout != ISO8601 {
			human[i] = humanLayout.Replace(layout)
		}
		if human[i] == layout {
			c.fail("the layout %q has no part of a time; write it with Go's reference time, such as 02.01.2006", layout)
		}
	}
	out.wrong = msgWrongTime(out.kind.name, strings.Join(human, ", "))
	return out
}

// humanLayout spells Go's layouts as Django REST Framework spells Python's.
var humanLayout = strings.NewReplacer(
	"January", "[January-December]", "Monday", "[Monday-Sunday]", "Jan", "[Jan-Dec]", "Mon", "[Mon-Sun]", "PM", "[AM|PM]", "pm", "[AM|PM]",
	"Z07:00", "[+HH:MM|-HH:MM|Z]", "-07:00", "[+HH:MM|-HH:MM]", "-0700", "[+HHMM|-HHMM]", "000000", "uuuuuu", "999999", "uuuuuu",
	"2006", "YYYY", "15", "hh", "06", "YY", "01", "MM", "02", "DD", "03", "hh", "04", "mm", "05", "ss", "_2", "DD",
	"1", "MM", "2", "DD", "3", "hh", "4", "mm", "5", "ss",
)

func (c *timeCodec) encode(e *encoder, dst []byte, a addr) []byte {
	t := at[time.Time](a)
	if c.show != "" {
		shown := *t
		if c.kind.instant {
			shown = t.UTC()
		}
		return appendString(dst, shown.Format(c.show))
	}
	dst = append(room(dst, len(`"2006-01-02T15:04:05.000000Z"`)), '"')
	dst, ok := c.kind.append(dst, t)
	if !ok {
		e.fail("the year %d has more than four digits", t.Year())
	}
	return append(dst, '"')
}

func (c *timeCodec) decode(d *decoder, a, _ addr) bool {
	had := d.faults()
	if d.peek() != '"' {
		d.fail(c.wrong)
		return d.skip()
	}
	s, ok := d.str()
	if !ok {
		return false
	}
	t, ok := c.parse(s)
	if !ok {
		d.fail(c.wrong)
		return true
	}
	if c.kind.instant && (t.Year() < 1 || t.Year() > 9999) {
		d.fail(msgOverflow)
		return true
	}
	*at[time.Time](a) = t
	c.finish(d, a, had)
	return true
}

func (c *timeCodec) parse(s []byte) (time.Time, bool) {
	for _, layout := range c.layouts {
		if layout == ISO8601 {
			if t, ok := c.kind.parse(s); ok {
				return t, true
			}
		} else if t, err := time.Parse(layout, string(s)); err == nil {
			return c.kind.clean(t), true
		}
	}
	return time.Time{}, false
}

func (c *timeCodec) schema(u use) members {
	m := members{{"type", "string"}}
	if c.kind.format != "" && (u.input && len(c.layouts) == 1 && c.layouts[0] == ISO8601 || !u.input && c.show == "") {
		m = append(m, member{"format", c.kind.format})
	}
	return m
}
