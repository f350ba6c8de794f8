package match_test

import (
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/match"
)

// What the test does not care about is an ellipsis.
func ExampleDiff() {
	body := []byte(`{"id": 7, "name": "Ann", "dogs": ["Rex", "Flipper"], "created_at": "2026-01-02T03:04:05Z"}`)
	fmt.Printf("%q\n", match.Diff(body, `{"id": ..., "name": "Ann", "dogs": ["Rex", ...], ...}`))
	fmt.Print(match.Diff(body, `{"id": ..., "name": "Bob", "dogs": [..., "Gigi"]}`))
	// Output:
	// ""
	// 3 differences:
	//   .created_at: unexpected, got "2026-01-02T03:04:05Z"
	//   .dogs[1]: got "Flipper", want "Gigi"
	//   .name: got "Ann", want "Bob"
	//
	// diff (-want +got):
	//   {
	// -   "name": "Bob",
	// +   "name": "Ann",
	//     "dogs": [
	//       ...,
	// -     "Gigi",
	// +     "Flipper",
	//     ],
	// +   "created_at": "2026-01-02T03:04:05Z",
	//     ...
	//   }
}
