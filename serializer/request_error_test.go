package serializer_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

// A client that goes away in the middle of its body has made a bad request; the service has not failed.
func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	type note struct {
		Text string `json:"text"`
	}
	notes := serializer.New(func(n *note) serializer.Fields { return serializer.Fields{serializer.Field(&n.Text)} })
	r := httptest.NewRequest(http.MethodPost, "/", io.MultiReader(strings.NewReader(`{"text": "a`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	r.Header.Set("Content-Type", "application/json")
	_, err := notes.DecodeRequest(r)
	if !errors.Is(err, serializer.ErrBroken) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v, want ErrBroken that wraps what reading failed with", err)
	}
	var answer interface{ HTTPStatus() int }
	if !errors.As(err, &answer) || answer.HTTPStatus() != http.StatusBadRequest {
		t.Errorf("%v is not answered with 400", err)
	}
	if text := err.Error(); text != "The request body could not be read." {
		t.Errorf("the client is told %q", text)
	}
}
