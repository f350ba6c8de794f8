package rabbitmq

import (
	"bytes"
	"encoding/binary"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// headerFrame is the frame of the properties of a message with this table.
func headerFrame(table []byte) []byte {
	headers := append(binary.BigEndian.AppendUint32(nil, uint32(len(table))), table...)
	frames := appendPublish(nil, 1, frameMax, &driver.Message{ContentType: "a", ContentEncoding: "b", ID: "id"}, headers)
	method := frameRim + int(binary.BigEndian.Uint32(frames[3:]))
	return frames[method:]
}

func nested(levels int, kind byte) []byte {
	value := []byte{'V'}
	for range levels {
		in := value
		if kind == 'F' {
			in = append([]byte{1, 'k'}, value...)
		}
		value = append(binary.BigEndian.AppendUint32([]byte{kind}, uint32(len(in))), in...)
	}
	return value
}

func TestHeadersThatTheLibraryDoesNotRead(t *testing.T) {
	t.Parallel()
	entry := func(name string, value ...byte) []byte { return append(appendShort(nil, name), value...) }
	good := entry("good", 't', 1)
	for name, c := range map[string]struct{ table, want []byte }{
		"fine":           {bytes.Join([][]byte{good, entry("deep", nested(32, 'F')...), entry("list", nested(32, 'A')...)}, nil), nil},
		"deep table":     {bytes.Join([][]byte{entry("deep", nested(33, 'F')...), good}, nil), good},
		"deep list":      {bytes.Join([][]byte{good, entry("deep", nested(33, 'A')...)}, nil), good},
		"unknown type":   {bytes.Join([][]byte{good, entry("odd", '?', 1), good}, nil), good},
		"cut off":        {bytes.Join([][]byte{good, entry("odd", 'S', 0, 0, 0, 9, 'x')}, nil), good},
		"name alone":     {bytes.Join([][]byte{good, entry("odd")}, nil), good},
		"many entries":   {bytes.Repeat(good, 8193), bytes.Repeat(good, 8192)},
		"list of many":   {bytes.Join([][]byte{good, entry("l", appendList(nil, make([]any, 8193))...), good}, nil), append(good, good...)},
		"nothing is fit": {entry("odd", '?'), []byte{}},
	} {
		got := mendHeaders(headerFrame(c.table))
		if c.want == nil && got != nil {
			t.Errorf("%s: was changed", name)
		} else if c.want != nil && !bytes.Equal(got, headerFrame(c.want)) {
			t.Errorf("%s:\ngot  %q\nwant %q", name, got, headerFrame(c.want))
		}
	}
}

// Whatever comes is either left alone or mended for good, and the properties behind the table stay.
func FuzzMendHeaders(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(nested(33, 'F')[5:])
	f.Add(append([]byte{1, 'k'}, nested(40, 'A')...))
	f.Fuzz(func(t *testing.T, table []byte) {
		_ = mendHeaders(append([]byte{frameHeader, 0, 1, 0, 0, 0, byte(len(table))}, append(table, frameEnd)...)) // any frame at all
		if len(table) > 60_000 {
			return
		}
		frame := headerFrame(table)
		mended := mendHeaders(frame)
		if mended == nil {
			if !readableTable(table, 0) {
				t.Fatal("what cannot be read was left")
			}
			return
		}
		if mendHeaders(mended) != nil {
			t.Fatal("mended twice")
		}
		if !bytes.HasSuffix(mended, frame[len(frame)-5:]) || int(binary.BigEndian.Uint32(mended[3:])) != len(mended)-frameRim {
			t.Fatalf("the frame is broken: %q", mended)
		}
	})
}
