package serializer_test

import (
	"encoding/json"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// An object inside a value that encoding/json marshals.
func ExampleValue() {
	dune := book{ID: 1, Title: "Dune", Price: "12.50", Format: "paper"}
	text, err := json.Marshal(map[string]any{"sold": 3, "book": serializer.Value(books, &dune)})
	fmt.Println(string(text), err)
	// Output:
	// {"book":{"id":1,"title":"Dune","price":"12.50","format":"paper","tags":[]},"sold":3} <nil>
}
