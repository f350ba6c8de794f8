package serializer

import (
	"context"
	"encoding/json"
)

// Value makes an object marshal itself as the serializer shows it, for places that know encoding/json only: a log, a struct of other values.
// Related objects are looked up without a context of the caller's. encoding/json escapes HTML in the result unless it is told otherwise.
func Value[T any](shape Shape[T], object *T) json.Marshaler {
	return marshaler(func() ([]byte, error) { return showsOf(shape).Append(context.Background(), nil, object) })
}

// Values is Value for a list.
func Values[T any](shape Shape[T], objects []T) json.Marshaler {
	return marshaler(func() ([]byte, error) { return showsOf(shape).AppendList(context.Background(), nil, objects) })
}

type marshaler func() ([]byte, error)

func (m marshaler) MarshalJSON() ([]byte, error) { return m() }

func showsOf[T any](shape Shape[T]) *shows[T] {
	return &shows[T]{plan: shape.shape(nil), tiny: shape.view()}
}
