package serializer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type wide struct {
	ID        int64     `json:"id"`
	Name      string    `json:"name"`
	Email     string    `json:"email"`
	Bio       string    `json:"bio"`
	Age       int       `json:"age"`
	Score     float64   `json:"score"`
	Active    bool      `json:"active"`
	Role      string    `json:"role"`
	Salary    string    `json:"salary"`
	CreatedAt time.Time `json:"created_at"`
	Nick      *string   `json:"nick"`
	Level     int32     `json:"level"`
	Tags      []string  `json:"tags"`
	Address   place     `json:"address"`
	Numbers   []int     `json:"numbers"`
}

type place struct {
	City   string `json:"city"`
	Street string `json:"street"`
	Zip    string `json:"zip"`
}

var (
	places = serializer.New(func(p *place) serializer.Fields {
		return serializer.Fields{serializer.Field(&p.City).MaxLength(100), serializer.Field(&p.Street), serializer.Field(&p.Zip)}
	})
	wides = serializer.New(func(w *wide) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&w.ID),
			serializer.Field(&w.Name).MaxLength(100),
			serializer.Field(&w.Email).Email(),
			serializer.Field(&w.Bio).MaxLength(2000),
			serializer.Field(&w.Age).Min(0).Max(150),
			serializer.Field(&w.Score),
			serializer.Field(&w.Active),
			serializer.Field(&w.Role).Choices("engineer", "head"),
			serializer.Field(&w.Salary).Decimal(10, 2),
			serializer.Field(&w.CreatedAt),
			serializer.Field(&w.Nick),
			serializer.Field(&w.Level),
			serializer.Field(&w.Tags),
			serializer.Nested(&w.Address, places),
			serializer.Field(&w.Numbers),
		}
	})
)

func wideList(n int) []wide {
	list := make([]wide, n)
	for i := range list {
		nick := fmt.Sprint("nick", i)
		list[i] = wide{
			ID: int64(i), Name: "Ann Example", Email: "ann@example.com", Age: 30, Score: 1.5, Active: true, Role: "head", Salary: "1200.50", Nick: &nick,
			Bio:       "Builds bridges between people, \"quoted\", and writes about it in a text of some length, since texts have some length in life: three hundred characters or so, in which nothing much happens but letters following each other, as they do in letters.",
			CreatedAt: time.Date(2024, 5, 6, 7, 8, 9, 123456000, time.UTC), Level: 7, Tags: []string{"one", "two", "three"},
			Address: place{"Berlin", "Unter den Linden 1", "10117"}, Numbers: []int{1, 2, 3, 4, 5},
		}
	}
	return list
}

func BenchmarkEncode(b *testing.B) {
	list, ctx := wideList(100), context.Background()
	buffer, err := wides.AppendList(ctx, nil, list)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(buffer)))
	b.ReportAllocs()
	for b.Loop() {
		buffer, _ = wides.AppendList(ctx, buffer[:0], list)
	}
}

func BenchmarkEncodeStandard(b *testing.B) {
	list := wideList(100)
	text, _ := json.Marshal(list)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = json.Marshal(list)
	}
}

func BenchmarkDecode(b *testing.B) {
	ctx := context.Background()
	text, _ := wides.AppendList(ctx, nil, wideList(100))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wides.DecodeList(ctx, text); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeStandard(b *testing.B) {
	text, _ := wides.AppendList(context.Background(), nil, wideList(100))
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		var list []wide
		if err := json.Unmarshal(text, &list); err != nil {
			b.Fatal(err)
		}
	}
}
