package serializer

import (
	"encoding/binary"
	"slices"
)

// pairs are the texts of 00 to 99, the first digit in the low byte.
var pairs = func() (t [100]uint16) {
	for i := range t {
		t[i] = '0' + uint16(i/10) + ('0'+uint16(i%10))<<8
	}
	return t
}()

const (
	maxDigits = 20 // of a uint64
	tenTo8    = 100_000_000
)

// eightDigits are the digits of u < 10^8, the first one in the lowest byte: halves, then pairs, then digits are divided side by side in one
// word. The factors are 1/100 and 1/10 with so many bits that the quotients are exact for numbers of this size.
func eightDigits(u uint64) uint64 {
	high := u / 10_000
	v := high | (u-high*10_000)<<32
	q := v * 10_486 >> 20 & 0x7f_0000_007f
	v = q | (v-q*100)<<16
	q = v * 103 >> 10 & 0x000f_000f_000f_000f
	return q | (v-q*10)<<8
}

const zeros = '0' * ones

// appendInt is strconv.AppendInt in base ten.
func appendInt(dst []byte, v int64) []byte {
	sign := v >> 63
	return appendDigits(dst, uint64((v^sign)-sign), sign != 0)
}

func appendUint(dst []byte, u uint64) []byte { return appendDigits(dst, u, false) }

// appendDigits appends a number. What comes behind it waits for its length, so that is found by branches, which processors foresee, and not by
// counting in the finished digits.
func appendDigits(dst []byte, u uint64, negative bool) []byte {
	dst = room(dst, 1+maxDigits)
	if negative {
		dst = append(dst, '-')
	}
	n, out := len(dst), behind(dst)
	switch {
	case u < 10:
		out.setByte(0, '0'+byte(u))
		return dst[:n+1]
	case u < 100:
		out.setPair(0, pairs[u])
		return dst[:n+2]
	case u < 1000:
		high := u / 100
		out.setByte(0, '0'+byte(high))
		out.setPair(1, pairs[u-high*100])
		return dst[:n+3]
	case u < 10_000:
		high := u / 100
		out.setPair(0, pairs[high])
		out.setPair(2, pairs[u-high*100])
		return dst[:n+4]
	case u >= tenTo8:
		return appendLong(dst, u)
	}
	length := 8
	for ; u < shortest[length]; length-- {
	}
	out.setWord(0, (eightDigits(u)|zeros)>>((8-length)*8))
	return dst[:n+length]
}

// shortest[n] is the smallest number of n digits.
var shortest = [9]uint64{0, 0, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000}

// appendLong is appendDigits for numbers of more than eight digits.
func appendLong(dst []byte, u uint64) []byte {
	dst = appendDigits(dst, u/tenTo8, false)
	return binary.LittleEndian.AppendUint64(dst, eightDigits(u%tenTo8)|zeros)
}

// room makes sure that n bytes fit behind dst.
func room(dst []byte, n int) []byte {
	if cap(dst)-len(dst) < n {
		return grown(dst, n)
	}
	return dst
}

// grown is apart, so that room is inlined and small. It doubles: append alone copies long answers too often.
//
//go:noinline
func grown(dst []byte, n int) []byte { return slices.Grow(dst, max(n, cap(dst))) }
