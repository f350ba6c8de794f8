package hrm

import (
	"os"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventview/contract"
)

// No consumer that was written for the last release meets what it cannot read. "toolset events diff" says the same in a
// pipeline.
func TestNoConsumerBreaks(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/released.json")
	if err != nil {
		t.Fatal(err)
	}
	released, err := contract.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	present, err := contract.Parse(eventsOfHRM.View().AsyncAPI().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range contract.Compare(released, present) {
		if change.Breaking {
			t.Error(change)
		}
	}
}
