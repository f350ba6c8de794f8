package serializer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type book struct {
	ID     int64    `json:"id"`
	Title  string   `json:"title"`
	Price  string   `json:"price"`
	Format string   `json:"format"`
	Tags   []string `json:"tags"`
}

var books = serializer.New(func(b *book) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&b.ID).ReadOnly(),
		serializer.Field(&b.Title).MaxLength(40),
		serializer.Field(&b.Price).Decimal(6, 2),
		serializer.Field(&b.Format).Choices("paper", "audio").Default("paper"),
		serializer.List(&b.Tags, serializer.Item[string]().MaxLength(10)).Optional(),
		serializer.Check(func(b *book) error {
			if b.Format == "audio" && len(b.Tags) == 0 {
				return serializer.At(&b.Tags, errors.New("An audio book needs a tag."))
			}
			return nil
		}),
	}
})

// All that is wrong is reported at once, in the shape and words of Django REST Framework.
func Example_decode() {
	ctx := context.Background()
	book, err := books.Decode(ctx, []byte(`{"title": " Dune ", "price": 12.5}`))
	if err != nil {
		panic(err)
	}
	text, _ := books.Append(ctx, nil, &book)
	fmt.Println(string(text))

	_, err = books.Decode(ctx, []byte(`{"title": "", "price": "1.234", "format": "film", "tags": ["ok", null]}`))
	var wrong *serializer.Errors
	if errors.As(err, &wrong) { // 400, and this as its detail
		text, _ = json.Marshal(wrong.ErrorDetail())
		fmt.Println(wrong.HTTPStatus(), string(text))
	}
	// Output:
	// {"id":0,"title":"Dune","price":"12.50","format":"paper","tags":[]}
	// 400 {"title":["This field may not be blank."],"price":["Ensure that there are no more than 2 decimal places."],"format":["\"film\" is not a valid choice."],"tags":{"1":["This field may not be null."]}}
}
