//go:build !race

package serializer_test

import (
	"context"
	"testing"
)

// Under the race detector pools lose what they hold on purpose, so this has a build tag.
func TestShowingIntoAReusedBufferAllocatesNothing(t *testing.T) { //nolint:paralleltest // allocations are counted for the whole process
	ctx := context.Background()
	list, x := wideList(100), newThing()
	buffer := make([]byte, 0, 1<<20)
	for name, show := range map[string]func() ([]byte, error){
		"a list":     func() ([]byte, error) { return wides.AppendList(ctx, buffer, list) },
		"an object":  func() ([]byte, error) { return things.Append(ctx, buffer, &x) },
		"a view":     func() ([]byte, error) { return wides.Tiny().Append(ctx, buffer, &list[0]) },
		"a computed": func() ([]byte, error) { return greeted.Append(ctx, buffer, &x) },
	} {
		allocated := testing.AllocsPerRun(100, func() {
			if _, err := show(); err != nil {
				t.Fatal(err)
			}
		})
		want := 0.0
		if name == "a view" {
			want = 1 // the view itself, which a service makes once
		}
		if allocated > want {
			t.Errorf("%s: %v allocations", name, allocated)
		}
	}
}
