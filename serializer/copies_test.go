package serializer_test

import (
	"fmt"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// amount is a decimal number as some packages have it: a struct around a pointer, with a spelling that drops zeros.
type amount struct {
	whole    *big.Int
	exponent int
}

func (a amount) MarshalText() ([]byte, error) {
	n, e := a.whole, a.exponent
	for ten := big.NewInt(10); e < 0 && new(big.Int).Rem(n, ten).Sign() == 0; e++ {
		n = new(big.Int).Quo(n, ten)
	}
	return fmt.Appendf(nil, "%de%d", n, e), nil
}

func (a *amount) UnmarshalText(text []byte) error {
	a.whole = new(big.Int)
	_, err := fmt.Sscanf(string(text), "%de%d", a.whole, &a.exponent)
	return err
}

func (a amount) Equal(b amount) bool {
	x, _ := a.MarshalText()
	y, _ := b.MarshalText()
	return string(x) == string(y)
}

type secret struct{ text *string }

func (s secret) MarshalText() ([]byte, error)     { return []byte("***"), nil }
func (s *secret) UnmarshalText(text []byte) error { t := string(text); s.text = &t; return nil }

type settings struct {
	Limit  big.Int    `json:"limit"`
	Level  big.Int    `json:"level"`
	Price  amount     `json:"price"`
	At     time.Time  `json:"at"`
	Host   netip.Addr `json:"host"`
	Nick   *big.Int   `json:"nick"`
	Secret secret     `json:"secret"`
}

// Objects do not share what is inside of a default or a choice.
func TestDefaultsAndChoicesAreCopied(t *testing.T) {
	t.Parallel()
	ten, berlin := *big.NewInt(10), time.FixedZone("Berlin", 3600)
	s := serializer.New(func(s *settings) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&s.Limit).Default(ten),
			serializer.Field(&s.Level).Choices(*big.NewInt(1), *big.NewInt(2)),
			serializer.Field(&s.Price).Default(amount{big.NewInt(1500), -2}),
			serializer.Field(&s.At).Default(time.Date(2020, 1, 2, 3, 4, 5, 0, berlin)),
			serializer.Field(&s.Host).Default(netip.MustParseAddr("::1")),
			serializer.Nullable(&s.Nick).Default(*big.NewInt(7)),
		}
	})
	for range 2 {
		got, err := s.Decode(t.Context(), []byte(`{"level":"2"}`))
		if err != nil || got.Limit.Int64() != 10 || got.Level.Int64() != 2 || got.Price.whole.Int64() != 15 || got.Nick.Int64() != 7 ||
			got.At.Location() != berlin || got.Host != netip.MustParseAddr("::1") {
			t.Fatalf("%+v, %v", got, err)
		}
		for _, n := range []*big.Int{&got.Limit, &got.Level, got.Price.whole, got.Nick} {
			n.SetBits(append(n.Bits()[:0], 99)) // in place
		}
	}
	if ten.Int64() != 10 {
		t.Error("the default that was given has changed")
	}
	if schema := string(s.InputSchema()); !strings.Contains(schema, `"default":"10"`) {
		t.Error(schema)
	}
}

func TestDefaultsThatCannotBeCopiedPanic(t *testing.T) {
	t.Parallel()
	text := "x"
	for want, declare := range map[string]func(*settings) serializer.Spec{
		"Default would share what is inside of one serializer_test.secret among all objects; use DefaultFunc": func(s *settings) serializer.Spec {
			return serializer.Field(&s.Secret).Default(secret{&text})
		},
		"Choices would share what is inside of one serializer_test.secret": func(s *settings) serializer.Spec {
			return serializer.Field(&s.Secret).Choices(secret{&text})
		},
	} {
		func() {
			defer func() {
				if said := fmt.Sprint(recover()); !strings.Contains(said, want) {
					t.Errorf("it said: %s", said)
				}
			}()
			serializer.New(func(s *settings) serializer.Fields { return serializer.Fields{declare(s)} })
		}()
	}
	serializer.New(func(s *settings) serializer.Fields { // nothing is inside of a zero one
		return serializer.Fields{serializer.Field(&s.Secret).Default(secret{})}
	})
}
