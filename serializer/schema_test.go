package serializer_test

import (
	"encoding/json"
	"regexp"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

func TestSchemas(t *testing.T) {
	t.Parallel()
	type subject struct {
		ID     int64     `json:"id"`
		Name   string    `json:"name"`
		Nick   *string   `json:"nick"`
		Other  *string   `json:"other"`
		Role   string    `json:"role"`
		Level  uint8     `json:"level"`
		Made   time.Time `json:"made"`
		Price  string    `json:"price"`
		Secret string    `json:"secret"`
		Tags   []string  `json:"tags"`
		Boss   *int64    `json:"boss"`
		Home   spot      `json:"home"`
		Extra  json.RawMessage
	}
	s := serializer.New(func(x *subject) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.ID).ReadOnly(),
			serializer.Field(&x.Name).MaxLength(5).Regexp(regexp.MustCompile("^a")),
			serializer.Field(&x.Nick).Email(),
			serializer.Field(&x.Role).Choices("a", "b").Default("a"),
			serializer.Nullable(&x.Other).Choices("c"),
			serializer.Field(&x.Level).Max(9),
			serializer.Field(&x.Made),
			serializer.Field(&x.Price).Decimal(5, 2),
			serializer.Field(&x.Secret).WriteOnly().Blank().Optional(),
			serializer.Field(&x.Tags).NotEmpty(),
			serializer.Related(&x.Boss, rows, rowsByKey[int64](1)),
			serializer.Nested(&x.Home, spots),
			serializer.Field(&x.Extra).As("extra"),
			serializer.Computed("size", func(*subject) int { return 1 }),
		}
	}).With(serializer.Config{Name: "Subject", RefuseUnknown: true})

	in := `{"type":"object","properties":{` +
		`"name":{"type":"string","minLength":1,"maxLength":5,"pattern":"^a"},` +
		`"nick":{"type":["string","null"],"format":"email","minLength":1},` +
		`"role":{"type":"string","enum":["a","b"],"default":"a"},` +
		`"other":{"type":["string","null"],"enum":["c",null]},` +
		`"level":{"type":"integer","minimum":0,"maximum":9},` +
		`"made":{"type":"string","format":"date-time"},` +
		`"price":{"type":"string","format":"decimal"},` +
		`"secret":{"type":"string","writeOnly":true},` +
		`"tags":{"type":"array","items":{"type":"string","minLength":1},"minItems":1},` +
		`"boss":{"type":["integer","null"]},` +
		`"home":{"type":"object","properties":{"city":{"type":"string","minLength":1,"maxLength":6},"zip":{"type":"string","minLength":1}},"required":["city","zip"],"additionalProperties":false},` +
		`"extra":{}}`
	required := `,"required":["name","nick","other","level","made","price","tags","boss","home","extra"]`
	if got, want := string(s.InputSchema()), in+required+`,"additionalProperties":false}`; got != want {
		t.Errorf("input:\n%s\n%s", got, want)
	}
	partial := regexp.MustCompile(`,"required":\["city","zip"\]`).ReplaceAllString(in, "")
	if got, want := string(s.PartialSchema()), partial+`,"additionalProperties":false}`; got != want {
		t.Errorf("partial:\n%s\n%s", got, want)
	}
	out := `{"type":"object","properties":{` +
		`"id":{"type":"integer","readOnly":true},"name":{"type":"string"},"nick":{"type":["string","null"],"format":"email"},"role":{"type":"string"},` +
		`"other":{"type":["string","null"]},"level":{"type":"integer"},"made":{"type":"string","format":"date-time"},"price":{"type":"string","format":"decimal"},` +
		`"tags":{"type":"array","items":{"type":"string"}},` +
		`"boss":{"type":["object","null"],"properties":{"id":{"type":"integer","readOnly":true},"name":{"type":"string"}},"required":["id","name"]},` +
		`"home":{"type":"object","properties":{"city":{"type":"string"},"zip":{"type":"string"}},"required":["city","zip"]},` +
		`"extra":{},"size":{"type":"integer","readOnly":true}},` +
		`"required":["id","name","nick","role","other","level","made","price","tags","boss","home","extra","size"]}`
	if got := string(s.Tiny().OutputSchema()); got != out || string(s.OutputSchema()) != out {
		t.Errorf("output:\n%s\n%s", got, out)
	}
	if name := rows.SchemaName(); name != "row" {
		t.Errorf("the name is %s", name)
	}
}
