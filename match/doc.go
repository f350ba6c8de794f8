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
//     is not 1), NaN is NaN, times by instant, values with a method Equal by that method, functions only when nil, channels
//     by identity. Unexported fields count. Cycles end.
//   - A type that has a name is equal to itself or to one that has none of its own: Role("head") is "head", Celsius(1) is not
//     Kelvin(1). Structs are of one type, or the pattern is a Has or Map of their fields' Go names.
//   - What is got is taken out of interfaces and, unless a pointer is wanted, from behind pointers.
//   - nil is not empty: the wanted nil is any nil, an empty slice or map is an empty one. Patterns that leave the rest open
//     take nil as empty.
//   - json.RawMessage is JSON: as what is got, it is compared by its contents with any Go pattern; as what is wanted, it
//     is a JSON pattern, for JSON text (also in a string) or for any value as encoding/json writes it. A string wanted
//     where []byte or json.RawMessage is got is a JSON pattern too.
//
// # Guarantees
//
//   - Lists with several ellipses and sets are matched wherever there is a way, in polynomial time.
//   - Patterns are not changed and may be used again. All functions are safe for concurrent use, as far as the values are.
//   - Every difference is reported, sorted, with its path, what was got and what was wanted; the first 20 are listed.
//   - A mistake in a pattern is a failure with its place, not a panic. A pattern that is nothing but an ellipsis, and the
//     empty JSON pattern, match nothing; [Response] takes the empty one as an empty body.
//
// # Where the Python matcher says otherwise
//
// The verdicts are those recorded of assert_matches of the Python toolset, except:
//
//   - True matched 1, and the key True the key 1. Here true is no number.
//   - NaN did not match NaN. Here it does, or a value would not match itself.
//   - A list did not match a set. Go has no sets, so that slices are what a Set is for.
//   - A range did not match a list. Go has no ranges.
//   - A gap was closed at the first item that matched, so that [1, 2, 3, 2, 4] did not match [..., 2, 4]. Here every place
//     is tried.
//   - A comparison that failed changed the sets in the pattern, so that the next one failed too. Here patterns stay.
package match
