package serializer_test

import (
	"context"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type folder struct {
	Name    string   `json:"name"`
	Folders []folder `json:"folders"`
}

// A serializer that contains itself.
func ExampleSelf() {
	ctx := context.Background()
	folders := serializer.New(func(f *folder) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&f.Name).MaxLength(5),
			serializer.Many(&f.Folders, serializer.Self[folder]()).Optional(),
		}
	})
	home, err := folders.Decode(ctx, []byte(`{"name": "home", "folders": [{"name": "src", "folders": [{"name": "go"}]}]}`))
	if err != nil {
		panic(err)
	}
	text, _ := folders.Append(ctx, nil, &home)
	fmt.Println(string(text))
	_, err = folders.Decode(ctx, []byte(`{"name": "home", "folders": [{"name": "documents"}]}`))
	fmt.Println(err)
	// Output:
	// {"name":"home","folders":[{"name":"src","folders":[{"name":"go","folders":[]}]}]}
	// invalid input: folders.0.name: Ensure this field has no more than 5 characters.
}
