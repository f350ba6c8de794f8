package serializer_test

import (
	"context"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type shelf struct {
	Name   string `json:"name"`
	BookID int64  `json:"-"`
	Book   *book  `json:"-"`
}

// The full serializer shows what is stored, the tiny view what the program has at hand.
func ExampleOf_Tiny() {
	ctx := context.Background()
	booksByID := func(_ context.Context, ids []int64) (map[int64]book, error) {
		fmt.Println("looking up books", ids)
		return map[int64]book{1: {ID: 1, Title: "Dune", Price: "12.50", Format: "paper"}}, nil
	}
	shelves := serializer.New(func(s *shelf) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&s.Name),
			serializer.Related(&s.BookID, books, booksByID).As("book").Loaded(&s.Book),
		}
	})
	tiny := shelves.Tiny() // made once, beside the serializer

	s, err := shelves.Decode(ctx, []byte(`{"name": "A", "book": 1}`)) // the lookup leaves the book in s.Book
	if err != nil {
		panic(err)
	}
	text, _ := tiny.Append(ctx, nil, &s)
	fmt.Println("tiny:", string(text))
	text, _ = shelves.Append(ctx, nil, &s)
	fmt.Println("full:", string(text))
	// Output:
	// looking up books [1]
	// tiny: {"name":"A","book":{"id":1,"title":"Dune","price":"12.50","format":"paper","tags":[]}}
	// looking up books [1]
	// full: {"name":"A","book":{"id":1,"title":"Dune","price":"12.50","format":"paper","tags":[]}}
}
