package softdelete_test

import (
	"errors"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// answer is what a service makes of an error of Twins.Restore.
func answer(err error) string {
	var conflict *softdelete.ConflictError
	var gone *softdelete.ParentGoneError
	var missing *softdelete.NotFoundError
	switch {
	case errors.As(err, &conflict):
		return fmt.Sprintf("422: %s %v collides (%s)", conflict.Table, conflict.Key, conflict.Constraint)
	case errors.As(err, &gone):
		return fmt.Sprintf("422: restore %s %v first", gone.Parent, gone.ParentKey)
	case errors.As(err, &missing):
		return "404"
	}
	return "500"
}

func Example_errors() {
	fmt.Println(answer(&softdelete.ConflictError{Table: "people", Constraint: "people_email_key", Key: []any{int64(7)}}))
	fmt.Println(answer(fmt.Errorf("undo: %w", &softdelete.ParentGoneError{Table: "people", Parent: "departments", ParentKey: []any{int64(1)}})))
	fmt.Println(answer(&softdelete.NotFoundError{Table: "people"}))
	// Output:
	// 422: people [7] collides (people_email_key)
	// 422: restore departments [1] first
	// 404
}
