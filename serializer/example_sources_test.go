package serializer_test

import (
	"context"
	"fmt"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type customer struct {
	Name    string `json:"name"`
	Address *struct{ City string }
}

// Fields that lie deeper than the object, under other names, and fields that are worked out.
func Example_sources() {
	ctx := context.Background()
	customers := serializer.New(func(c *customer) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&c.Name),
			serializer.Field(&c.Address.City).As("city").Optional(),
			serializer.Computed("initials", func(c *customer) string { return strings.ToUpper(c.Name[:1]) }),
		}
	})
	text, _ := customers.Append(ctx, nil, &customer{Name: "ann"}) // there is no address
	fmt.Println(string(text))
	bob, err := customers.Decode(ctx, []byte(`{"name": "bob", "city": "Zürich"}`))
	fmt.Println(bob.Address.City, err)
	// Output:
	// {"name":"ann","city":null,"initials":"A"}
	// Zürich <nil>
}
