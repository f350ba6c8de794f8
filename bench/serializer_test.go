package bench

import (
	"context"
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type team struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type member struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Active    bool      `json:"active"`
	Salary    string    `json:"salary"`
	Tags      []string  `json:"tags"`
	Team      team      `json:"team"`
}

var teams = serializer.New(func(t *team) serializer.Fields {
	return serializer.Fields{serializer.Field(&t.ID), serializer.Field(&t.Name).MaxLength(100)}
})

var members = serializer.New(func(m *member) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&m.ID),
		serializer.Field(&m.CreatedAt),
		serializer.Field(&m.Name).MaxLength(200),
		serializer.Field(&m.Email).Email(),
		serializer.Field(&m.Active),
		serializer.Field(&m.Salary).Decimal(10, 2),
		serializer.List(&m.Tags, serializer.Item[string]().MaxLength(20)),
		serializer.Nested(&m.Team, teams),
	}
})

func hundred() []member {
	list := make([]member, 100)
	for i := range list {
		n := strconv.Itoa(i)
		list[i] = member{
			ID: int64(i), CreatedAt: time.Date(2026, 1, 2, 3, 4, 5, 678000, time.UTC), Name: "Ann Example " + n, Email: "ann" + n + "@tools.example",
			Active: i%2 == 0, Salary: "1200.50", Tags: []string{"red", "green", "blue"}, Team: team{7, "Tools"},
		}
	}
	return list
}

// Showing 100 objects: encoding/json as most people write it, code by hand as the limit.
func BenchmarkSerializerEncode(b *testing.B) {
	list, ctx := hundred(), context.Background()
	var buf []byte
	b.Run("by-hand", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = appendMembers(buf[:0], list)
		}
	})
	b.Run("toolset", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buf, err = members.AppendList(ctx, buf[:0], list); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(list); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// Reading 100 objects: the toolset validates every field, encoding/json only decodes.
func BenchmarkSerializerDecode(b *testing.B) {
	ctx := context.Background()
	text, err := members.AppendList(ctx, nil, hundred())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	b.Run("toolset", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := members.DecodeList(ctx, text); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var list []member
			if err := json.Unmarshal(text, &list); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// appendMembers is what one would write by hand, knowing that no string needs escaping.
func appendMembers(dst []byte, list []member) []byte {
	dst = append(dst, '[')
	for i := range list {
		m := &list[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = strconv.AppendInt(append(dst, `{"id":`...), m.ID, 10)
		dst = m.CreatedAt.AppendFormat(append(dst, `,"created_at":"`...), "2006-01-02T15:04:05.000000Z07:00")
		dst = append(append(append(dst, `","name":"`...), m.Name...), `","email":"`...)
		dst = append(append(dst, m.Email...), `","active":`...)
		dst = strconv.AppendBool(dst, m.Active)
		dst = append(append(append(dst, `,"salary":"`...), m.Salary...), `","tags":[`...)
		for j, tag := range m.Tags {
			if j > 0 {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '"'), tag...), '"')
		}
		dst = strconv.AppendInt(append(dst, `],"team":{"id":`...), m.Team.ID, 10)
		dst = append(append(append(dst, `,"name":"`...), m.Team.Name...), `"}}`...)
	}
	return append(dst, ']')
}
