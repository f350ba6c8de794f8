package match_test

import (
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/match"
)

type Dog struct {
	Name string
	Age  *int
}

type Person struct {
	ID    int64
	Name  string
	Tags  []string
	Dogs  []Dog
	Hired time.Time
}

// Go patterns nest in each other and look through pointers and interfaces.
func ExampleHas() {
	age := 3
	ann := &Person{
		ID: 7, Name: "Ann", Tags: []string{"blue", "red"}, Dogs: []Dog{{Name: "Rex", Age: &age}, {Name: "Gigi"}},
		Hired: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	fmt.Print(match.Diff(ann, match.Has{
		"Name":  match.Regexp("^A"),
		"Tags":  match.Set{"red", match.Rest},
		"Dogs":  match.List{match.Map{"Name": "Rex", "Age": 4}, match.Rest},
		"Hired": match.Within(time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC), time.Minute),
	}))
	// Output:
	// 1 difference:
	//   .Dogs[0].Age: got 3, want 4
	//
	// diff (-want +got):
	//   Person{Dogs: [Dog{
	// -   Age: 4,
	// +   Age: 3,
	//     Name: "Rex",
	//   }, ...], ...}
}
