// Package staff is the data of the serializer benchmarks: 100 people of 15 fields with a nested object and lists, about 70 kB of JSON, and the
// same without anything but primitives. The tags are for the peers: easyjson generates code from them, validator validates by them.
package staff

import (
	"strconv"
	"strings"
	"time"
)

//go:generate go tool easyjson -no_std_marshalers -output_filename easyjson.go staff.go

// Person has the kinds of fields that services have.
//
//easyjson:json
type Person struct {
	ID        int64     `json:"id" validate:"required"`
	Name      string    `json:"name" validate:"required,max=200"`
	Email     string    `json:"email" validate:"required,email"`
	Bio       string    `json:"bio" validate:"required,max=2000"`
	Age       int       `json:"age" validate:"gte=0,lte=150"`
	Score     float64   `json:"score"`
	Active    bool      `json:"active"`
	Role      string    `json:"role" validate:"required,oneof=engineer head"`
	Salary    string    `json:"salary" validate:"required,numeric"`
	CreatedAt time.Time `json:"created_at" validate:"required"`
	Nick      *string   `json:"nick" validate:"omitempty,max=20"`
	Level     int32     `json:"level"`
	Tags      []string  `json:"tags" validate:"max=10,dive,max=20"`
	Address   Address   `json:"address"`
	Numbers   []int     `json:"numbers"`
}

// Address is the nested object.
//
//easyjson:json
type Address struct {
	City   string `json:"city" validate:"required,max=100"`
	Street string `json:"street" validate:"required,max=100"`
	Zip    string `json:"zip" validate:"required,max=10"`
}

// People is a list of them.
//
//easyjson:json
type People []Person

// Plain has primitives only.
//
//easyjson:json
type Plain struct {
	A int64  `json:"a"`
	B int64  `json:"b"`
	C int    `json:"c"`
	D int32  `json:"d"`
	E uint8  `json:"e"`
	F bool   `json:"f"`
	G bool   `json:"g"`
	H string `json:"h" validate:"max=100"`
	I string `json:"i" validate:"max=100"`
	J string `json:"j" validate:"max=100"`
}

// Plains is a list of them.
//
//easyjson:json
type Plains []Plain

const bio = "Ann builds the tools that the others build with. She likes small functions, plain words and numbers that somebody has measured; " +
	"she has written three of the services and mended most of the rest. Before that she taught mathematics at a school in the north, " +
	"where the winters are long and the pupils ask good questions. Ask her \"why\", not \"how\"."

// Hundred makes the people.
func Hundred() People {
	list := make(People, 100)
	for i := range list {
		n := strconv.Itoa(i)
		list[i] = Person{
			ID: int64(1000 + i), Name: "Ann Example " + n, Email: "ann" + n + "@tools.example", Bio: bio, Age: 30 + i%40, Score: 3.25 + float64(i)/7,
			Active: i%2 == 0, Role: []string{"engineer", "head"}[i%2], Salary: strconv.Itoa(1200+i) + ".50",
			CreatedAt: time.Date(2026, 1, 2, 3, 4, i%60, 678000+i*1000, time.UTC), Level: int32(i % 7), Tags: []string{"red", "green", "blue"},
			Address: Address{City: "Zürich", Street: "Bahnhofstrasse " + n, Zip: "80" + n}, Numbers: []int{i, 2 * i, 3 * i, 4 * i, 5 * i},
		}
		if i%3 == 0 {
			nick := "annie" + n
			list[i].Nick = &nick
		}
	}
	return list
}

// HundredPlain makes the objects of primitives.
func HundredPlain() Plains {
	list := make(Plains, 100)
	for i := range list {
		list[i] = Plain{
			A: int64(i), B: int64(i) * 1_000_003, C: -i, D: int32(i * 37), E: uint8(i), F: i%2 == 0, G: i%3 == 0,
			H: "name " + strconv.Itoa(i), I: strings.Repeat("text ", 8), J: "x",
		}
	}
	return list
}
