package serializer_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// Objects are written as they come, in memory that does not grow with their number.
func Example_stream() {
	type row struct {
		ID int64 `json:"id"`
	}
	rows := serializer.New(func(r *row) serializer.Fields { return serializer.Fields{serializer.Field(&r.ID)} })
	fromDatabase := func(broken bool) func(func(row, error) bool) {
		return func(yield func(row, error) bool) {
			for id := range int64(3) {
				if !yield(row{id}, nil) {
					return
				}
			}
			if broken {
				yield(row{}, errors.New("the connection is gone"))
			}
		}
	}
	ctx := context.Background()
	err := rows.Tiny().StreamRows(ctx, os.Stdout, fromDatabase(false))
	fmt.Println("", err)
	err = rows.Tiny().StreamRows(ctx, os.Stdout, fromDatabase(true))
	fmt.Println(err)
	// Output:
	// [{"id":0},{"id":1},{"id":2}] <nil>
	// the connection is gone
}
