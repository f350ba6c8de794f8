package serializer

// Two fields can write to one place: one of them to a struct, the other to a field inside. The one that is declared later is late: it is read
// when all keys of the object have come, so that their order does not matter, and it is written over what the earlier one left.

// lateValue is where the value of a late field starts.
type lateValue struct{ key, pos int }

// putOff notes that the value of the field comes next, in place of an earlier one.
func (d *decoder) putOff(late, key int) {
	for i := range d.late[late:] {
		if v := &d.late[late+i]; v.key == key {
			v.pos = d.pos
			return
		}
	}
	d.late = append(d.late, lateValue{key, d.pos})
}

// lateField reads a value that was put off.
func (d *decoder) lateField(f *field, key int, base, before addr, late int) bool {
	end := d.pos
	for _, v := range d.late[late:] {
		if v.key == key {
			d.pos, d.top().key = v.pos, key
			if !d.field(f, base, before) {
				return false
			}
		}
	}
	d.pos = end
	return true
}
