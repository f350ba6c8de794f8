package serializer

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// DecodeRequest is Decode of the body of a request, which must be application/json and at most Config.MaxBody bytes long. A request without a
// body counts as {}. Beside the errors of Decode it returns *RequestError for another content type, a larger body, or one that cannot be
// read to its end.
func (s *Of[T]) DecodeRequest(r *http.Request) (object T, err error) {
	err = s.withBody(r, func(body []byte) error {
		object, err = s.Decode(r.Context(), body)
		return err
	})
	return object, err
}

// DecodeListRequest is DecodeList of the body of a request. See DecodeRequest.
func (s *Of[T]) DecodeListRequest(r *http.Request) (list []T, err error) {
	err = s.withBody(r, func(body []byte) error {
		list, err = s.DecodeList(r.Context(), body)
		return err
	})
	return list, err
}

// PatchRequest is Patch with the body of a request. See DecodeRequest.
func (s *Of[T]) PatchRequest(r *http.Request, object *T) error {
	return s.withBody(r, func(body []byte) error { return s.Patch(r.Context(), body, object) })
}

// UpdateRequest is Update with the body of a request. See DecodeRequest.
func (s *Of[T]) UpdateRequest(r *http.Request, object *T) error {
	return s.withBody(r, func(body []byte) error { return s.Update(r.Context(), body, object) })
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func putBuffer(b *[]byte) {
	if cap(*b) <= maxPooled {
		*b = (*b)[:0]
		buffers.Put(b)
	}
}

func (s *Of[T]) withBody(r *http.Request, use func([]byte) error) error {
	buffer := buffers.Get().(*[]byte)
	defer putBuffer(buffer)
	body, err := readBody((*buffer)[:0], r, s.plan.maxBody())
	*buffer = body
	switch {
	case err != nil:
		return err
	case len(body) == 0:
		return use([]byte("{}"))
	case !isJSON(r.Header.Get("Content-Type")):
		return &RequestError{kind: mediaTypeKind, detail: `Unsupported media type "` + r.Header.Get("Content-Type") + `" in request.`}
	}
	return use(body)
}

const firstRead = 64 << 10 // bytes to make room for before any have come

// readBody appends the body to dst, up to one byte beyond the limit: that is enough for the decoder to know that it is too large.
func readBody(dst []byte, r *http.Request, most int) ([]byte, error) {
	if r.Body == nil {
		return dst, nil
	}
	if r.ContentLength > int64(most) {
		return dst, tooLarge(most)
	}
	dst = slices.Grow(dst, int(min(max(r.ContentLength, 0), firstRead))+1)
	body := io.LimitReader(r.Body, int64(most)+1)
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := body.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		var beyond *http.MaxBytesError
		switch {
		case errors.As(err, &beyond):
			return dst, tooLarge(int(beyond.Limit))
		case errors.Is(err, io.EOF):
			return dst, nil
		case err != nil:
			return dst, &RequestError{kind: brokenKind, detail: "The request body could not be read.", cause: err}
		}
	}
}

func tooLarge(most int) error {
	return &RequestError{kind: tooLargeKind, detail: "Request body is larger than " + strconv.Itoa(most) + " bytes."}
}

// isJSON accepts application/json in UTF-8, as JSON is.
func isJSON(contentType string) bool {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil || media != "application/json" {
		return false
	}
	charset, given := params["charset"]
	return !given || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

func (p *plan) maxBody() int {
	if p.config.MaxBody > 0 {
		return p.config.MaxBody
	}
	return defaultMaxBody
}

func (p *plan) maxItems() int {
	if p.config.MaxItems > 0 {
		return p.config.MaxItems
	}
	return defaultMaxItems
}

// Respond writes the object as the JSON body of an answer. When it returns an error, as Append does, nothing has been written yet, so that the
// caller can answer with the error; errors of the connection are not returned, since nobody is left to be told.
func (s *shows[T]) Respond(w http.ResponseWriter, r *http.Request, status int, object *T) error {
	return respond(w, status, func(dst []byte) ([]byte, error) { return s.Append(r.Context(), dst, object) })
}

// RespondList is Respond with a list.
func (s *shows[T]) RespondList(w http.ResponseWriter, r *http.Request, status int, objects []T) error {
	return respond(w, status, func(dst []byte) ([]byte, error) { return s.AppendList(r.Context(), dst, objects) })
}

func respond(w http.ResponseWriter, status int, show func([]byte) ([]byte, error)) error {
	buffer := buffers.Get().(*[]byte)
	defer putBuffer(buffer)
	body, err := show((*buffer)[:0])
	*buffer = body
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
	return nil
}
