package serializer

import (
	"encoding/binary"
	"reflect"
	"unsafe"
)

// This is the one file that uses unsafe. Why it is right:
//
//   - An addr is made from a real pointer (addrOf) or from another addr by adding the offset of a field that the compiler of plans found, by
//     reflection, in the very struct type that the first addr points to (locate). The result points into the same allocation, so it keeps the
//     allocation alive and the garbage collector sees it as what it is: addr holds an unsafe.Pointer, never a uintptr.
//   - at[V] reads an addr as a *V only where reflection found a field of type V, or of a type with the same underlying type, which has the same
//     memory layout (a named string is read as a string). Element addresses of a slice are within its length.
//   - A pointer is stored through setPointer, which writes an unsafe.Pointer: the write barrier sees it.
//   - textView shows bytes as a string, either for one call that neither keeps the string nor lets anyone change the bytes, or for good where
//     the bytes are never written to again (keep).
//   - A slice of any element type is read as a []byte only to get its first element and its length; the header is the same for all slices.
//   - word and setWord and their siblings read and write eight, four or two bytes at an address. Their callers have checked that so many bytes lie
//     there: within the length of a string, or within the capacity of a buffer, of which nobody else has a part behind its length.
//   - Nothing is read after the call that it was given to, except what the caller's own objects still hold.

// addr is the address of a value whose type the plan knows.
type addr struct{ p unsafe.Pointer }

func addrOf[V any](v *V) addr { return addr{unsafe.Pointer(v)} }

// at is the value at a, which is a V or has the layout of one.
func at[V any](a addr) *V { return (*V)(a.p) }

func (a addr) add(offset uintptr) addr { return addr{unsafe.Add(a.p, offset)} }

func (a addr) isNil() bool { return a.p == nil }

// pointee is where the pointer at a points to.
func (a addr) pointee() addr { return addr{*(*unsafe.Pointer)(a.p)} }

func (a addr) setPointer(to addr) { *(*unsafe.Pointer)(a.p) = to.p }

// pointerTo is a reflect.Value of type *t that points to a.
func (a addr) pointerTo(t reflect.Type) reflect.Value { return reflect.NewAt(t, a.p) }

// fresh is pointerTo for a method that reads a value: a zero one, since methods such as that of big.Int write into what the old value refers to,
// and the object before an update has that, too.
func (a addr) fresh(t reflect.Type) any {
	pointer := a.pointerTo(t)
	pointer.Elem().SetZero()
	return pointer.Interface()
}

// addrOfValue is the address that a reflect.Value of pointer kind holds.
func addrOfValue(pointer reflect.Value) addr { return addr{pointer.UnsafePointer()} }

// slice returns the first element and the length of the slice at a, whatever its element type is.
func (a addr) slice() (first addr, n int) {
	s := *(*[]byte)(a.p)
	return addr{unsafe.Pointer(unsafe.SliceData(s))}, len(s)
}

func (a addr) isNilSlice() bool { return *(*[]byte)(a.p) == nil }

// textView is a view of b as a string, good until b changes.
func textView(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// textAddr is the address of the first byte of s.
func textAddr(s string) addr { return addr{unsafe.Pointer(unsafe.StringData(s))} }

// behind is the address of the first byte behind the length of b, which must have capacity left.
func behind(b []byte) addr { return addr{unsafe.Add(unsafe.Pointer(unsafe.SliceData(b)), len(b))} }

// word is the eight bytes at i behind a, the first in the low byte.
func (a addr) word(i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(a.p, i))[:])
}

func (a addr) setWord(i int, w uint64) {
	binary.LittleEndian.PutUint64((*[8]byte)(unsafe.Add(a.p, i))[:], w)
}

func (a addr) half(i int) uint32 {
	return binary.LittleEndian.Uint32((*[4]byte)(unsafe.Add(a.p, i))[:])
}

func (a addr) setHalf(i int, w uint32) {
	binary.LittleEndian.PutUint32((*[4]byte)(unsafe.Add(a.p, i))[:], w)
}

func (a addr) setPair(i int, w uint16) {
	binary.LittleEndian.PutUint16((*[2]byte)(unsafe.Add(a.p, i))[:], w)
}

func (a addr) setByte(i int, c byte) { *(*byte)(unsafe.Add(a.p, i)) = c }

// offsetIn reports how far a lies behind base, when it lies in the size bytes that start there.
func (a addr) offsetIn(base addr, size uintptr) (uintptr, bool) {
	from, to := uintptr(base.p), uintptr(a.p)
	return to - from, to >= from && to-from < size
}
