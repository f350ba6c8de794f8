// Package match compares values in tests with patterns that say only what matters: what a test does not care about is
// an ellipsis.
//
//	match.JSON(t, body, `{"id": $1, "dogs": ["Rex", ...], "meta": {"v": 2, ...}, "ts": ...}`, match.Bind(&id))
//	match.Response(t, resp, 201, `{"id": 7, ...}`)
//	match.Assert(t, person, match.Has{"Name": "Ann", "Tags": match.Set{"red", match.Rest}})
//	match.Assert(t, nums, match.List{match.Rest, 2, match.Rest, 4})
//
// # JSON patterns
//
// A JSON pattern is JSON in which a bare ... may stand: for a value it means any value, in an array any run of items, in
// an object any other keys. The member "...: value" means exactly one more key, with that value. $1 takes a value out, see
// [Bind]. In quotes, "..." is data. Numbers compare exactly and by value: 1 is 1.0, and 9007199254740993 is not
// 9007199254740992. A key that stands twice in an object, text after the value and text that is not UTF-8 are refused in
// what was got and in the pattern. null, an empty value and an absent key are three things.
//
// # Go patterns
//
// A Go pattern is a Go value in which [Rest], [Has], [Map], [List], [Set] and a [Predicate] may stand wherever a field,
// item or value has room for them, at any depth. Then:
//
//   - Values are equal when they have the same contents: booleans, strings and numbers by value (1 is 1.0 and int8(1), true
//     is not 1), NaN is NaN, times by instant, functions only when nil, channels by identity. Unexported fields count. Cycles
//     end.
//   - Types that have a method Equal, which takes another value and returns a bool, are compared by it, and so are those with
//     Cmp as in math/big. The methods may be on the value or on its pointer.
//   - A type that has a name is equal to itself or to one that has none of its own: Role("head") is "head", Celsius(1) is not
//     Kelvin(1). Structs are of one type, or the pattern is a Has or Map of their fields' Go names.
//   - What is got is taken out of interfaces and, unless a pointer is wanted, from behind pointers.
//   - nil is not empty: the wanted nil is any nil, an empty slice or map is an empty one. Patterns that leave the rest open
//     take nil as empty.
//   - json.RawMessage is JSON: as what is got, it is compared by its contents with any Go pattern; as what is wanted, it
//     is a JSON pattern, for JSON text (also in a string) or for any value as encoding/json writes it. A string wanted
//     where []byte or json.RawMessage is got is a JSON pattern too.
//
// # Reports
//
// A report lists every difference, sorted, each with its path, what was got and what was wanted; of many, it lists the first
// 20 and counts the rest. Where that helps, a diff follows, which prints only what the pattern asserts around the first
// differences and ... for everything else:
//
//	JSON does not match: 1 difference:
//	  [137].items[1].qty: got 3, want 4
//
//	diff (-want +got):
//	  [..., {
//	    "id": 137,
//	    "items": [..., {
//	-     "qty": 4,
//	+     "qty": 3,
//	    }],
//	  }, ...]
//
// It has colours when the standard output, which package testing writes to, is a terminal; the environment variables
// NO_COLOR and TERM=dumb turn them off. [Diff] has none.
//
// # Guarantees
//
//   - Lists with several ellipses and sets are matched wherever there is a way, in polynomial time.
//   - Patterns are not changed and may be used again. All functions are safe for concurrent use, as far as the values are.
//   - A mistake in a pattern is a failure with its place, not a panic. A pattern that is nothing but an ellipsis, and the
//     empty JSON pattern, match nothing; [Response] takes the empty one as an empty body.
//   - What matches costs little: Go values of the types that encoding/json decodes into, and slices of structs and pointers to
//     them, are compared without allocating. What the package learns of a type is kept for the next comparison.
//   - JSON nested deeper than 10,000, and Go values deeper than 200,000, are refused: they do not overflow the stack.
//
// # Where the Python matcher says otherwise
//
// The verdicts are those recorded of assert_matches of the Python toolset, except:
//
//   - True matched 1, False matched 0, and the key True the key 1. Here a bool is no number.
//   - NaN did not match NaN. Here it does, or a value would not match itself.
//   - Ellipsis alone matched Ellipsis. Here a pattern of nothing but an ellipsis matches nothing.
//   - A list did not match a set, and an empty set no empty dict. Go has no sets: slices and maps are what a Set is for.
//   - The members of a set were equal or not, so that {(1, ...)} did not match {(1, 2)}. Here the items of a Set are patterns.
//   - bytes matched neither a str nor a list. Here a string wanted for []byte is a JSON pattern, and []byte a list of numbers.
//   - A Decimal did not match the float that is written like it. Here json.Number("0.1") is 0.1.
//   - A range did not match a list. Go has no ranges.
//   - A gap was closed at the first item that matched, so that [1, 2, 3, 2, 4] did not match [..., 2, 4]. Here every place
//     is tried.
//   - A comparison that failed changed the sets in the pattern, so that the next one failed too. Here patterns stay.
package match
