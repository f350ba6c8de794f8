package jsonschema

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds the numbers that are reckoned with exactly: 1e1000000000 would fill the memory.
const maxExponent = 1000

// rational is a JSON number as it is, nil when it has too many digits.
func rational(n json.Number) *big.Rat {
	text := string(n)
	if len(text) > maxExponent {
		return nil
	}
	if at := strings.IndexAny(text, "eE"); at >= 0 {
		if exponent, err := strconv.Atoi(text[at+1:]); err != nil || exponent > maxExponent || exponent < -maxExponent {
			return nil
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}

// Compare compares two numbers. Those with too many digits count as if they were floats.
func Compare(a, b json.Number) int {
	x, y := rational(a), rational(b)
	if x != nil && y != nil {
		return x.Cmp(y)
	}
	f, _ := a.Float64() // out of range is an infinity, which is right
	g, _ := b.Float64()
	switch {
	case f < g:
		return -1
	case f > g:
		return 1
	}
	return 0
}

// IsMultiple tells whether n is a whole multiple of the step.
func IsMultiple(n, step json.Number) bool {
	x, y := rational(n), rational(step)
	if x == nil || y == nil || y.Sign() == 0 {
		return false
	}
	return new(big.Rat).Quo(x, y).IsInt()
}

// isWhole tells whether a number is an integer, as 1.0 and 1e2 are.
func isWhole(n json.Number) bool {
	if r := rational(n); r != nil {
		return r.IsInt()
	}
	_, exponent, _ := strings.Cut(strings.ToLower(string(n)), "e")
	return !strings.Contains(string(n), ".") && !strings.HasPrefix(exponent, "-")
}
