package serializer

// chunkSize bounds what one string that somebody keeps can hold in memory beside itself.
const chunkSize = 4 << 10

// keep copies text into a string. Short ones share allocations of at most chunkSize bytes, which are no longer than what is left of the input:
// that is what all strings still to come can need.
func (d *decoder) keep(text []byte) string {
	if len(text) > chunkSize/4 {
		return string(text)
	}
	if len(text) > cap(d.chunk)-len(d.chunk) {
		d.chunk = make([]byte, 0, max(len(text), min(chunkSize, len(d.data)-d.pos)))
	}
	from := len(d.chunk)
	d.chunk = append(d.chunk, text...)
	return textView(d.chunk[from:])
}
