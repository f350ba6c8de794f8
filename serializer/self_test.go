package serializer_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type tree struct {
	ID       int64  `json:"id"`
	Name     string `json:"name"`
	Parent   *tree  `json:"parent"`
	Children []tree `json:"children"`
	BossID   *int64
}

func newTrees(bosses func(context.Context, []int64) (map[int64]tree, error)) *serializer.Of[tree] {
	return serializer.New(func(x *tree) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.ID),
			serializer.Field(&x.Name).MaxLength(3),
			serializer.Nested(&x.Parent, serializer.Self[tree]()).Optional(),
			serializer.Many(&x.Children, serializer.Self[tree]()).Optional(),
			serializer.Related(&x.BossID, serializer.Self[tree](), bosses).As("boss").Optional(),
		}
	})
}

// chain is a hierarchy in which each key is the boss of the one before, up to the last.
func chain(last int64, asked *int) func(context.Context, []int64) (map[int64]tree, error) {
	return func(_ context.Context, keys []int64) (map[int64]tree, error) {
		*asked++
		found := map[int64]tree{}
		for _, k := range keys {
			next := k + 1
			x := tree{ID: k, Name: "x", BossID: &next}
			if k == last {
				x.BossID = nil
			}
			found[k] = x
		}
		return found, nil
	}
}

func TestObjectsInsideThemselves(t *testing.T) {
	t.Parallel()
	asked := 0
	trees := newTrees(chain(3, &asked))
	input := `{"id":1,"name":"a","parent":{"id":2,"name":"b"},"children":[{"id":3,"name":"c","children":[{"id":4,"name":"d"}]}],"boss":1}`
	x, err := trees.Decode(t.Context(), []byte(input))
	if err != nil || x.Parent.Name != "b" || x.Children[0].Children[0].ID != 4 || *x.BossID != 1 {
		t.Fatalf("%+v %v", x, err)
	}
	asked = 0
	text, err := trees.Tiny().Append(t.Context(), nil, &x)
	if err != nil || !json.Valid(text) || !strings.Contains(string(text), `"boss":{"id":1,"name":"x","parent":null,"children":[],"boss":{"id":2,`) || asked != 3 {
		t.Errorf("%s %v after %d lookups", text, err, asked)
	}
	_, err = trees.Decode(t.Context(), []byte(`{"id":1,"name":"a","children":[{"id":3,"name":"c","children":[{"id":4,"name":"long"}]}]}`))
	if err == nil || err.Error() != "invalid input: children.0.children.0.name: Ensure this field has no more than 3 characters." {
		t.Error(err)
	}
}

// What has no end is an error, not a crash.
func TestObjectsThatContainThemselves(t *testing.T) {
	t.Parallel()
	asked := 0
	trees := newTrees(chain(-1, &asked))
	loop := tree{Name: "a"}
	loop.Parent = &loop
	if text, err := trees.Append(t.Context(), []byte("x"), &loop); err == nil || !strings.Contains(err.Error(), "deeper than 500 levels") || string(text) != "x" {
		t.Errorf("%.50s %v", text, err)
	}
	one := int64(1)
	if _, err := trees.Append(t.Context(), nil, &tree{BossID: &one}); err == nil || !strings.Contains(err.Error(), "more than 500 levels") || asked > 501 {
		t.Errorf("%v after %d lookups", err, asked)
	}
	deep := strings.Repeat(`{"id":1,"name":"a","parent":`, 600) + "null" + strings.Repeat("}", 600)
	if _, err := trees.Decode(t.Context(), []byte(deep)); err == nil || !strings.Contains(err.Error(), "Nested deeper than 500") {
		t.Error(err)
	}
}

// With reaches the objects inside, and the schema ends.
func TestSelfWithAConfig(t *testing.T) {
	t.Parallel()
	asked := 0
	strict := newTrees(chain(1, &asked)).With(serializer.Config{RefuseUnknown: true, Name: "Tree"})
	_, err := strict.Decode(t.Context(), []byte(`{"id":1,"name":"a","parent":{"id":1,"name":"a","x":1}}`))
	if err == nil || err.Error() != "invalid input: parent.x: Unknown field." {
		t.Error(err)
	}
	schema := string(strict.InputSchema())
	if !json.Valid([]byte(schema)) || !strings.Contains(schema, `"children":{"type":"array","items":{"type":"object","description":"Tree, as described around it."}}`) {
		t.Error(schema)
	}
}
