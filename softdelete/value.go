package softdelete

import (
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"time"
	"unicode/utf8"
)

// textOf writes a part of a key as PostgreSQL reads it; ok is false for NULL and for what no column holds.
func textOf(part any) (text string, ok bool) {
	if v, is := part.(driver.Valuer); is {
		if r := reflect.ValueOf(part); r.Kind() == reflect.Pointer && r.IsNil() {
			return "", false
		}
		value, err := v.Value()
		if err != nil {
			return "", false
		}
		part = value
	}
	switch p := part.(type) {
	case nil:
		return "", false
	case string:
		return p, utf8.ValidString(p)
	case []byte:
		return `\x` + hex.EncodeToString(p), true
	case [16]byte:
		return hex.EncodeToString(p[:]), true
	case time.Time:
		return p.Format(time.RFC3339Nano), true
	}
	switch r := reflect.ValueOf(part); r.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.FormatInt(r.Int(), 10), true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return strconv.FormatUint(r.Uint(), 10), true
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(r.Float(), 'g', -1, r.Type().Bits()), true
	case reflect.Bool:
		return strconv.FormatBool(r.Bool()), true
	case reflect.String:
		return r.String(), utf8.ValidString(r.String())
	case reflect.Array: // UUID types
		if r.Len() == 16 && r.Type().Elem().Kind() == reflect.Uint8 {
			return fmt.Sprintf("%x", part), true
		}
	}
	return "", false
}

// blob reads a part of a key that SQLite holds as a BLOB: JSON has no bytes, so they are written {"blob": "00ff"}.
func blob(object map[string]any) (b []byte, ok bool) {
	text, ok := object["blob"].(string)
	if !ok || len(object) != 1 {
		return nil, false
	}
	b, err := hex.DecodeString(text)
	return b, err == nil
}
