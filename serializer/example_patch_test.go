package serializer_test

import (
	"context"
	"fmt"
)

// What is absent stays. When something is wrong, everything does.
func Example_patch() {
	ctx := context.Background()
	book := book{ID: 1, Title: "Dune", Price: "12.50", Format: "paper"}
	err := books.Patch(ctx, []byte(`{"price": "9.99", "format": "audio"}`), &book)
	fmt.Println(err, "-", book.Price)
	err = books.Patch(ctx, []byte(`{"price": "9.99"}`), &book)
	fmt.Println(err, "-", book.Title, book.Price)
	// Output:
	// invalid input: tags: An audio book needs a tag. - 12.50
	// <nil> - Dune 9.99
}
