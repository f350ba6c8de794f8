package topic_test

import (
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/eventbus/internal/topic"
)

func ExampleMatch() {
	fmt.Println(topic.Match("person.*", "person.created"), topic.Match("person.*", "person.address.changed"))
	fmt.Println(topic.Match("person.#", "person"), topic.Match("person.#", "person.address.changed"))
	// Output:
	// true false
	// true true
}
