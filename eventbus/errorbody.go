package eventbus

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// withError returns a body that is a JSON object with the text under the key "error", as Python consumers write it: in
// the place of the key when it is there, else at the end. All other bytes stay. Other bodies come back as they are.
func withError(body []byte, text string) []byte {
	start, end, object := errorValue(body)
	if !object {
		return body
	}
	value, err := appendJSON(nil, text)
	if err != nil {
		return body
	}
	if end > 0 {
		return slices.Concat(body[:start], value, body[end:])
	}
	brace := bytes.LastIndexByte(body, '}')
	before := bytes.TrimRight(body[:brace], " \t\r\n")
	lead := `, "error": `
	if before[len(before)-1] == '{' {
		lead = `"error": `
	}
	return slices.Concat(before, []byte(lead), value, body[brace:])
}

// errorOf returns the text that a Python consumer wrote into the body.
func errorOf(body []byte) string {
	start, end, _ := errorValue(body)
	var text string
	if end == 0 || json.Unmarshal(body[start:end], &text) != nil {
		return ""
	}
	return text
}

// errorValue finds the value of the last "error" key of a JSON object; end is 0 when there is none.
func errorValue(body []byte) (start, end int, object bool) {
	offset := len(body) - len(bytes.TrimPrefix(body, byteOrderMark))
	text := body[offset:]
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return 0, 0, false // spares the work below
	}
	if !utf8.Valid(text) || !json.Valid(text) {
		return 0, 0, false
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if _, err := dec.Token(); err != nil {
		return 0, 0, false
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return 0, 0, false
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return 0, 0, false
		}
		if key == "error" {
			end = offset + int(dec.InputOffset())
			start = end - len(value)
		}
	}
	return start, end, true
}
