package serializer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// Objects in lists do not move once they were read, however deep the lists nest and whatever else stands in them.
func TestObjectsOfDeepListsStayWhereTheyAre(t *testing.T) {
	t.Parallel()
	type twig struct {
		Name          string `json:"name"`
		Twigs, Others []twig
	}
	checked := map[*twig]string{}
	twigs := serializer.New(func(x *twig) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.Name).Optional(),
			serializer.Many(&x.Twigs, serializer.Self[twig]()).Optional(),
			serializer.Many(&x.Others, serializer.Self[twig]()).Optional(),
			serializer.Check(func(x *twig) error {
				checked[x] = x.Name
				return nil
			}),
		}
	})
	names := []string{`[{`, `\"}]`, `\\`, `a\\\"[`, `é\u005d`, ``}
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 2))
		made := 0
		var list func(depth int) string
		list = func(depth int) string {
			var items []string
			for range r.IntN(4) {
				if depth == 0 {
					break
				}
				made++
				item := fmt.Sprintf(` {"x": [[{}], "%s", {"y":[{},{}]}], "name": "n%s%d", "Twigs": %s, "Others" :%s} `, names[r.IntN(6)], strings.ReplaceAll(names[r.IntN(6)], `\\`, ""), made, list(depth-1), list(depth-1))
				items = append(items, item)
			}
			return "[" + strings.Join(items, ",") + "]"
		}
		input := list(5)
		clear(checked)
		found, err := twigs.DecodeList(t.Context(), []byte(input))
		if err != nil {
			t.Fatalf("%s: %v", input, err)
		}
		if len(checked) != made {
			t.Errorf("seed %d: %d were checked of %d", seed, len(checked), made)
		}
		var walk func([]twig)
		walk = func(list []twig) {
			for i := range list {
				if name, ok := checked[&list[i]]; !ok || name != list[i].Name {
					t.Fatalf("seed %d: %q was checked elsewhere", seed, list[i].Name)
				}
				walk(list[i].Twigs)
				walk(list[i].Others)
			}
		}
		walk(found)
	}
}
