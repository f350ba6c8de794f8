package serializer_test

import (
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

var greeted = serializer.New(func(x *thing) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&x.Name),
		serializer.Computed("initial", func(x *thing) string { return x.Name[:1] }),
		serializer.Computed("tags", func(x *thing) []string { return x.Tags }),
		serializer.Computed("nick", func(x *thing) *string { return x.Nick }),
	}
})

func TestComputedFields(t *testing.T) {
	t.Parallel()
	x := newThing()
	text, err := greeted.Append(t.Context(), nil, &x)
	if err != nil || string(text) != `{"name":"old","initial":"o","tags":["a"],"nick":"n"}` {
		t.Errorf("%s %v", text, err)
	}
	got, err := greeted.Decode(t.Context(), []byte(`{"name":"a","initial":5}`))
	if err != nil || got.Name != "a" {
		t.Errorf("%+v %v", got, err)
	}
}

// One serializer and its view serve many goroutines at once.
func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				x := newThing()
				if err := things.Patch(t.Context(), []byte(`{"name":"new","work":{"zip":"9"}}`), &x); err != nil || x.Work.Zip != "9" {
					t.Error(err)
				}
				if text, err := greeted.Tiny().Append(t.Context(), nil, &x); err != nil || string(text) != `{"name":"new","initial":"n","tags":["a"],"nick":"n"}` {
					t.Errorf("%s %v", text, err)
				}
				if _, err := things.Decode(t.Context(), []byte(`{"name":"too long","old":[{},{}]}`)); err == nil {
					t.Error("accepted")
				}
			}
		})
	}
	wg.Wait()
}
