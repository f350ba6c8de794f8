// Package match compares values in tests with patterns that say only what matters: what a test does not care about is
// an ellipsis.
//
//	match.JSON(t, body, `{"id": $1, "dogs": ["Rex", ...], "meta": {"v": 2, ...}, "ts": ...}`, match.Bind(&id))
//	match.Response(t, resp, 201, `{"id": 7, ...}`)
//	match.Assert(t, person, match.Has{"Name": "Ann", "Tags": match.Set{"red", match.Rest}})
//	match.Assert(t, nums, match.List{match.Rest, 2, match.Rest, 4})
package match
