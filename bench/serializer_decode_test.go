package bench

import (
	"context"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/go-playground/validator/v10"
	goccy "github.com/goccy/go-json"
	"github.com/mailru/easyjson"
	segmentio "github.com/segmentio/encoding/json"
	"gitlab.com/pik-pro/backend/toolset/bench/staff"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

func typeOf(v any) reflect.Type { return reflect.TypeOf(v) }

// Reading and validating 100 objects of 15 fields.
func BenchmarkSerializerDecode(b *testing.B) {
	decodeContest[staff.People](b, staff.Hundred(), people)
}

// The same for 100 objects of ten primitive fields.
func BenchmarkSerializerDecodePlain(b *testing.B) {
	decodeContest[staff.Plains](b, staff.HundredPlain(), plains)
}

func decodeContest[L ~[]T, T any, P interface {
	*L
	easyjson.Unmarshaler
}](b *testing.B, list L, shape *serializer.Of[T]) {
	ctx := context.Background()
	text, err := shape.AppendList(ctx, nil, list)
	if err != nil {
		b.Fatal(err)
	}
	if err := sonic.Pretouch(typeOf(list)); err != nil {
		b.Fatal(err)
	}
	check := validator.New(validator.WithRequiredStructEnabled())
	with := func(decode func([]byte, *L) error) func(*testing.B) {
		return func(b *testing.B) {
			var got L
			if err := decode(text, &got); err != nil {
				b.Fatal(err)
			}
			for i := range got {
				if err := check.StructCtx(ctx, &got[i]); err != nil {
					b.Fatal(err)
				}
			}
			if len(got) != len(list) {
				b.Fatal(len(got))
			}
		}
	}
	contest(
		b,
		contestant{"encoding/json", with(func(text []byte, to *L) error { return json.Unmarshal(text, to) })},
		contestant{"toolset", func(b *testing.B) {
			if _, err := shape.DecodeList(ctx, text); err != nil {
				b.Fatal(err)
			}
		}},
		contestant{"sonic", with(func(text []byte, to *L) error { return sonic.ConfigDefault.Unmarshal(text, to) })},
		contestant{"goccy", with(func(text []byte, to *L) error { return goccy.Unmarshal(text, to) })},
		contestant{"segmentio", with(func(text []byte, to *L) error { return segmentio.Unmarshal(text, to) })},
		contestant{"easyjson", with(func(text []byte, to *L) error { return easyjson.Unmarshal(text, P(to)) })},
	)
}
