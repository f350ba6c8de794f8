package serializer_test

import (
	"context"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// Keys cost memory, and a lookup, as objects do.
func TestKeysCountAsObjects(t *testing.T) {
	t.Parallel()
	type team struct {
		Members []int64 `json:"members"`
	}
	teams := serializer.New(func(m *team) serializer.Fields {
		return serializer.Fields{serializer.Related(&m.Members, spots, func(_ context.Context, keys []int64) (map[int64]spot, error) {
			found := map[int64]spot{}
			for _, k := range keys {
				found[k] = spot{}
			}
			return found, nil
		})}
	}).With(serializer.Config{MaxItems: 3})
	if _, err := teams.Decode(t.Context(), []byte(`{"members":[1,2,3]}`)); err != nil {
		t.Error(err)
	}
	if _, err := teams.Decode(t.Context(), []byte(`{"members":[1,2,3,4,5]}`)); err == nil {
		t.Error("five keys were accepted")
	}
}
