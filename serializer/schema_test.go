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

// A blank text keeps to no rule, so the schema must not say that it does, wherever it may be accepted or shown.
func TestSchemasOfBlanks(t *testing.T) {
	t.Parallel()
	type subject struct{ Mail, Site, Code, Short, IP, Four, ID, Unset, Plain string }
	s := serializer.New(func(x *subject) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&x.Mail).As("mail").Email().Blank().MaxLength(9),
			serializer.Field(&x.Site).As("site").URL().Optional(),
			serializer.Field(&x.Code).As("code").Regexp(regexp.MustCompile("^a")).Blank(),
			serializer.Field(&x.Short).As("short").MinLength(3).Blank(),
			serializer.Field(&x.IP).As("ip").IP().Blank(),
			serializer.Field(&x.Four).As("four").IPv4().Optional(),
			serializer.Field(&x.ID).As("id").UUID().Optional(),
			serializer.Field(&x.Unset).As("unset").UUID().Default("6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c11"),
			serializer.Field(&x.Plain).As("plain").Blank().MaxLength(4),
		}
	})
	in := `{"type":"object","properties":{` +
		`"mail":{"type":"string","anyOf":[{"format":"email","maxLength":9},{"maxLength":0}]},` +
		`"site":{"type":"string","format":"uri","minLength":1},` +
		`"code":{"type":"string","anyOf":[{"pattern":"^a"},{"maxLength":0}]},` +
		`"short":{"type":"string","anyOf":[{"minLength":3},{"maxLength":0}]},` +
		`"ip":{"type":"string","anyOf":[{"format":"ipv4"},{"format":"ipv6"},{"maxLength":0}]},` +
		`"four":{"type":"string","format":"ipv4"},` +
		`"id":{"type":"string","format":"uuid"},` +
		`"unset":{"type":"string","format":"uuid","default":"6f1c3b52-8f0e-4c8a-9d53-0a4e2f6b7c11"},` +
		`"plain":{"type":"string","maxLength":4}},` +
		`"required":["mail","code","short","ip","plain"]}`
	if got := string(s.InputSchema()); got != in {
		t.Errorf("input:\n%s\n%s", got, in)
	}
	out := `{"type":"object","properties":{` +
		`"mail":{"type":"string","anyOf":[{"format":"email"},{"maxLength":0}]},` +
		`"site":{"type":"string","anyOf":[{"format":"uri"},{"maxLength":0}]},` +
		`"code":{"type":"string"},"short":{"type":"string"},` +
		`"ip":{"type":"string","anyOf":[{"format":"ipv4"},{"format":"ipv6"},{"maxLength":0}]},` +
		`"four":{"type":"string","anyOf":[{"format":"ipv4"},{"maxLength":0}]},` +
		`"id":{"type":"string","anyOf":[{"format":"uuid"},{"maxLength":0}]},` +
		`"unset":{"type":"string","format":"uuid"},"plain":{"type":"string"}},` +
		`"required":["mail","site","code","short","ip","four","id","unset","plain"]}`
	if got := string(s.OutputSchema()); got != out {
		t.Errorf("output:\n%s\n%s", got, out)
	}
	if _, err := s.Decode(t.Context(), []byte(`{"mail":"","code":"","short":"","ip":"","plain":""}`)); err != nil {
		t.Errorf("it does not accept what its schema allows: %v", err)
	}
}
