package apierror

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// form is how a detail is put on the wire when it is no object yet.
type form int

const (
	formText   form = iota // standard errors: a text s is {"detail": s}, all else as it is
	formObject             // declared and proxy errors: always an object of lists and objects
	formList               // invalid input: a text s is [s], all else as it is
)

const nonField = "non_field_errors"

// encode returns the whole body of the answer. translate may be nil.
func encode(e *Error, code string, translate func(text string) string) ([]byte, error) {
	w := &detailWriter{translate: translate}
	w.quote = json.NewEncoder(&w.out)
	w.quote.SetEscapeHTML(false) // the body is no HTML, and peers send it unescaped
	w.out.WriteString(`{"code":`)
	w.out.WriteString(strconv.Itoa(e.status))
	w.out.WriteString(`,"detail":`)
	if err := w.detail(e.detail, e.form); err != nil {
		return nil, err
	}
	w.out.WriteString(`,"error_code":`)
	w.string(code)
	w.out.WriteByte('}')
	return w.out.Bytes(), nil
}

// detailWriter writes a detail as Django REST Framework does: every leaf is a text. It keeps the order of keys.
type detailWriter struct {
	out       bytes.Buffer
	quote     *json.Encoder // into out
	in        *json.Decoder
	translate func(string) string
}

func (w *detailWriter) detail(detail any, f form) error {
	detail = withoutErrors(detail, 0)
	if text, ok := detail.(string); ok { // most details are texts: no need to marshal and read back
		w.scalar(text, f)
		return nil
	}
	var raw bytes.Buffer
	enc := json.NewEncoder(&raw)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(detail); err != nil {
		return fmt.Errorf("apierror: the detail (%T) cannot be sent as JSON: %w", detail, err)
	}
	w.in = json.NewDecoder(&raw)
	w.in.UseNumber()
	first, err := w.in.Token()
	if err != nil {
		return err
	}
	switch {
	case first == json.Delim('['):
		if f != formObject {
			return w.value(first, false)
		}
		w.out.WriteString(`{"` + nonField + `":`)
		err = w.value(first, false)
		w.out.WriteByte('}')
		return err
	case first == json.Delim('{'):
		return w.value(first, f == formObject)
	}
	w.scalar(first, f)
	return nil
}

func (w *detailWriter) scalar(leaf json.Token, f form) {
	before, after := `{"detail":`, `}`
	switch f {
	case formObject:
		before, after = `{"`+nonField+`":[`, `]}`
	case formList:
		before, after = `[`, `]`
	}
	w.out.WriteString(before)
	w.leaf(leaf)
	w.out.WriteString(after)
}

// withoutErrors puts what an error stands for in its place, in a detail and in the maps and slices below it:
// encoding/json would write most errors as {}.
func withoutErrors(detail any, depth int) any {
	if err, ok := detail.(error); ok {
		known, ok := err.(interface{ ErrorDetail() any })
		if !ok {
			return err.Error()
		}
		detail = known.ErrorDetail()
	}
	const deepest = 100 // a map that holds itself: encoding/json knows how to refuse it
	if depth > deepest || detail == nil {
		return detail
	}
	v := reflect.ValueOf(detail)
	if kind := v.Kind(); kind != reflect.Map && kind != reflect.Slice || v.IsNil() || !mayHoldErrors(v.Type().Elem()) {
		return detail
	}
	if _, ok := detail.(json.Marshaler); ok {
		return detail
	}
	if v.Kind() == reflect.Slice {
		list := make([]any, v.Len())
		for i := range list {
			list[i] = withoutErrors(v.Index(i).Interface(), depth+1)
		}
		return list
	}
	plain := reflect.MakeMapWithSize(reflect.MapOf(v.Type().Key(), reflect.TypeFor[any]()), v.Len())
	for key, value := range v.Seq2() {
		if value = reflect.ValueOf(withoutErrors(value.Interface(), depth+1)); !value.IsValid() {
			value = reflect.Zero(reflect.TypeFor[any]())
		}
		plain.SetMapIndex(key, value)
	}
	return plain.Interface()
}

func mayHoldErrors(elem reflect.Type) bool {
	switch elem.Kind() {
	case reflect.Interface, reflect.Map, reflect.Slice:
		return true // or what is below it may: a type may hold itself, so values are asked
	}
	return elem.Implements(reflect.TypeFor[error]())
}

// value writes the value that begins with the token; wrap puts the leaves directly below it into lists.
func (w *detailWriter) value(begin json.Token, wrap bool) error {
	delim, ok := begin.(json.Delim)
	if !ok {
		w.leaf(begin)
		return nil
	}
	w.out.WriteByte(byte(delim))
	for first := true; w.in.More(); first = false {
		if !first {
			w.out.WriteByte(',')
		}
		token, err := w.in.Token()
		if err != nil {
			return err
		}
		if delim == '{' {
			w.string(token.(string))
			w.out.WriteByte(':')
			if token, err = w.in.Token(); err != nil {
				return err
			}
		}
		_, nested := token.(json.Delim)
		if wrap && !nested {
			w.out.WriteByte('[')
		}
		if err := w.value(token, false); err != nil {
			return err
		}
		if wrap && !nested {
			w.out.WriteByte(']')
		}
	}
	end, err := w.in.Token()
	if err != nil {
		return err
	}
	w.out.WriteByte(byte(end.(json.Delim)))
	return nil
}

// leaf writes numbers, booleans and null as the texts that peers in Python send for them.
func (w *detailWriter) leaf(token json.Token) {
	switch v := token.(type) {
	case string:
		if w.translate != nil {
			v = w.translate(v)
		}
		w.string(v)
	case json.Number:
		w.string(pythonNumber(v))
	case bool:
		if v {
			w.string("True")
		} else {
			w.string("False")
		}
	case nil:
		w.string("None")
	}
}

// pythonNumber spells a number as Python does: 1e2 is 100.0 there.
func pythonNumber(n json.Number) string {
	f, err := n.Float64()
	if err != nil || !strings.ContainsAny(n.String(), ".eE") {
		return n.String()
	}
	if size := math.Abs(f); size != 0 && (size < 1e-4 || size >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	text := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

func (w *detailWriter) string(s string) {
	_ = w.quote.Encode(s)           // a string into a buffer cannot fail
	w.out.Truncate(w.out.Len() - 1) // Encode ends the line
}
