package bench

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/bytedance/sonic/encoder"
	goccy "github.com/goccy/go-json"
	"github.com/mailru/easyjson"
	"github.com/mailru/easyjson/jwriter"
	segmentio "github.com/segmentio/encoding/json"
	"gitlab.com/pik-pro/backend/toolset/bench/staff"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

var addresses = serializer.New(func(a *staff.Address) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&a.City).MaxLength(100),
		serializer.Field(&a.Street).MaxLength(100),
		serializer.Field(&a.Zip).MaxLength(10),
	}
})

var people = serializer.New(func(p *staff.Person) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&p.ID),
		serializer.Field(&p.Name).MaxLength(200),
		serializer.Field(&p.Email).Email(),
		serializer.Field(&p.Bio).MaxLength(2000),
		serializer.Field(&p.Age).Min(0).Max(150),
		serializer.Field(&p.Score),
		serializer.Field(&p.Active),
		serializer.Field(&p.Role).Choices("engineer", "head"),
		serializer.Field(&p.Salary).Decimal(10, 2),
		serializer.Field(&p.CreatedAt),
		serializer.Nullable(&p.Nick).MaxLength(20),
		serializer.Field(&p.Level),
		serializer.List(&p.Tags, serializer.Item[string]().MaxLength(20)).MaxLength(10),
		serializer.Nested(&p.Address, addresses),
		serializer.Field(&p.Numbers),
	}
})

var plains = serializer.New(func(p *staff.Plain) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&p.A), serializer.Field(&p.B), serializer.Field(&p.C), serializer.Field(&p.D), serializer.Field(&p.E),
		serializer.Field(&p.F), serializer.Field(&p.G),
		serializer.Field(&p.H).MaxLength(100), serializer.Field(&p.I).MaxLength(100), serializer.Field(&p.J).MaxLength(100),
	}
})

// Showing 100 objects of 15 fields with a nested object and lists, 70 kB, into a buffer that is used again wherever a peer allows it.
func BenchmarkSerializerEncode(b *testing.B) {
	encodeContest(b, staff.Hundred(), people, staff.AppendPeople)
}

// The same for 100 objects of ten primitive fields.
func BenchmarkSerializerEncodePlain(b *testing.B) {
	encodeContest(b, staff.HundredPlain(), plains, staff.AppendPlains)
}

func encodeContest[L interface {
	~[]T
	easyjson.Marshaler
}, T any](b *testing.B, list L, shape *serializer.Of[T], byHand func([]byte, L) []byte) {
	ctx := context.Background()
	if err := sonic.Pretouch(typeOf(list)); err != nil {
		b.Fatal(err)
	}
	var hand, toolset, sonics, segmented, easy []byte
	contest(
		b,
		contestant{"by hand", func(*testing.B) { hand = byHand(hand[:0], list) }},
		contestant{"toolset", func(b *testing.B) {
			var err error
			if toolset, err = shape.AppendList(ctx, toolset[:0], list); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"sonic", func(b *testing.B) {
			sonics = sonics[:0]
			if err := encoder.EncodeInto(&sonics, list, 0); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"goccy", func(b *testing.B) {
			if _, err := goccy.MarshalWithOption(list, goccy.DisableHTMLEscape()); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"segmentio", func(b *testing.B) {
			var err error
			if segmented, err = segmentio.Append(segmented[:0], list, 0); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"easyjson", func(b *testing.B) {
			w := jwriter.Writer{NoEscapeHTML: true}
			list.MarshalEasyJSON(&w)
			var err error
			if easy, err = w.BuildBytes(easy[:0]); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"encoding/json", func(b *testing.B) {
			if _, err := json.Marshal(list); err != nil {
				b.Fatal(err)
			}
		}},
	)
	b.ReportMetric(float64(len(toolset)), "bytes")
}
