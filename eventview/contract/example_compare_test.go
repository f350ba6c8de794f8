package contract_test

import (
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/eventview"
	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// A test keeps the document of the last release and tells what a change would break.
func ExampleCompare() {
	type person struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	type renamed struct {
		ID       int64  `json:"id"`
		FullName string `json:"full_name"`
	}
	before, after := eventbus.NewExchange("hrm"), eventbus.NewExchange("hrm")
	eventbus.Declare[person](before, "person.created", "")
	eventbus.Declare[renamed](after, "person.created", "")

	older, err := contract.Parse(eventview.New(before).AsyncAPI().Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	newer, err := contract.Parse(eventview.New(after).AsyncAPI().Bytes())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, change := range contract.Compare(older, newer) {
		fmt.Println(change)
	}
	// Output:
	// compatible send hrm person.created: full_name: is new [field-added]
	// BREAKING   send hrm person.created: name: is gone [field-removed]
	// compatible send hrm person.created: full_name: is always there [required-added]
	// BREAKING   send hrm person.created: name: may be missing [required-dropped]
}
