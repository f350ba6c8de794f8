package serializer_test

import (
	"runtime"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type crate struct {
	Name string     `json:"name"`
	Bulk [1024]byte `json:"-"`
}

type stack struct {
	Crates []crate `json:"crates"`
	Probe  int     `json:"probe"`
}

type yard struct {
	Stacks []stack `json:"stacks"`
	Probe  int     `json:"probe"`
}

func newYards(most int, configure func(*serializer.NestedOf[crate]), fields func(*crate) serializer.Fields) *serializer.Of[yard] {
	crates := serializer.New(fields)
	stacks := serializer.New(func(s *stack) serializer.Fields {
		many := serializer.Many(&s.Crates, crates)
		configure(many)
		return serializer.Fields{many}
	})
	return serializer.New(func(y *yard) serializer.Fields {
		return serializer.Fields{serializer.Many(&y.Stacks, stacks), serializer.Field(&y.Probe).Check(probe)}
	}).With(serializer.Config{MaxItems: most})
}

// MaxItems bounds what is in memory: lists that are refused for their length do not stay there, and short ones do not take much more than they need.
func TestShortListsTakeNoMoreMemoryThanTheirObjects(t *testing.T) { //nolint:paralleltest // memory is counted for the whole process
	const size = 1024 + 16
	plain := func(c *crate) serializer.Fields {
		return serializer.Fields{serializer.Field(&c.Name).MaxLength(3).Optional()}
	}
	for name, c := range map[string]struct {
		yards       *serializer.Of[yard]
		item        string
		each, lists int
		most        uint64
	}{
		"too short":           {newYards(2000, func(m *serializer.NestedOf[crate]) { m.MinLength(600) }, plain), `{}`, 500, 100, 2000 * size},
		"wrong and too short": {newYards(2000, func(m *serializer.NestedOf[crate]) { m.MinLength(600) }, plain), `{"name":"long"}`, 500, 100, 2000 * size},
		"checked and too short": {newYards(2000, func(m *serializer.NestedOf[crate]) { m.MinLength(600) }, func(c *crate) serializer.Fields {
			return append(plain(c), serializer.Check(func(*crate) error { return nil }))
		}), `{}`, 500, 100, 2000 * size},
		"short": {newYards(0, func(*serializer.NestedOf[crate]) {}, plain), `{}`, 18, 200, 3 * 18 * 200 * size},
	} {
		one := `{"crates":` + repeated(c.item, c.each) + `}`
		body := []byte(`{"stacks":` + repeated(one, c.lists) + `,"probe":1}`)
		runtime.GC()
		before := heap()
		highest = 0
		_, err := c.yards.Decode(t.Context(), body)
		if refused := strings.Contains(said(err), "stacks.99.crates.non_field_errors: Ensure this field has at least 600 elements."); refused != (name != "short") && len(said(err)) < 2000 {
			t.Errorf("%s: %v", name, err)
		}
		if highest == 0 || highest > before+c.most {
			t.Errorf("%s: %d bytes are in use, for a body of %d", name, highest-before, len(body))
		}
	}
}
