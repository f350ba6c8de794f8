package eventview

import (
	"fmt"
	"reflect"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

func BenchmarkTmp(b *testing.B) {
	x := eventbus.NewExchange("hrm")
	_ = x
	var defs []eventbus.Definition
	kinds := []reflect.Type{reflect.TypeFor[string](), reflect.TypeFor[int64](), reflect.TypeFor[*string](), reflect.TypeFor[[]string](), reflect.TypeFor[bool]()}
	for i := range 500 {
		var fs []reflect.StructField
		for j := range 50 {
			fs = append(fs, reflect.StructField{Name: fmt.Sprintf("F%d_%d", i, j), Type: kinds[j%5], Tag: reflect.StructTag(fmt.Sprintf(`json:"field_%d_%d" doc:"the field number %d"`, i, j, j))})
		}
		defs = append(defs, eventbus.Definition{Exchange: "hrm", Name: fmt.Sprintf("thing%d.changed", i), Summary: "A thing has changed.", Type: reflect.StructOf(fs)})
	}
	run := func(b *testing.B) {
		for b.Loop() {
			m, _ := newModel(Service{})
			for _, d := range defs {
				e, err := m.event(d)
				if err != nil {
					b.Fatal(err)
				}
				m.published = append(m.published, e)
			}
			v, err := m.view()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(len(v.page.body)), "page")
			b.ReportMetric(float64(len(v.asyncAPI.body)), "api")
		}
	}
	b.Run("types", run)
	m, _ := newModel(Service{})
	for i := range defs {
		e, _ := m.event(defs[i])
		defs[i].Schema = e.schema.Append(nil, "#")
	}
	b.Run("codecs", run)
}
