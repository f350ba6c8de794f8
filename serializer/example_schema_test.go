package serializer_test

import (
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// The JSON Schema of what is accepted and of what is shown.
func Example_schema() {
	type tag struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	tags := serializer.New(func(t *tag) serializer.Fields {
		return serializer.Fields{serializer.Field(&t.ID).ReadOnly(), serializer.Field(&t.Name).MaxLength(10)}
	})
	fmt.Println(string(tags.InputSchema()))
	fmt.Println(string(tags.OutputSchema()))
	// Output:
	// {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":10}},"required":["name"]}
	// {"type":"object","properties":{"id":{"type":"integer","readOnly":true},"name":{"type":"string"}},"required":["id","name"]}
}
