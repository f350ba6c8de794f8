package openapitest

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
)

// watcher passes an answer on and keeps a copy. What handlers ask of a ResponseWriter besides, they get through Unwrap.
type watcher struct {
	http.ResponseWriter
	status   int
	body     bytes.Buffer
	hijacked bool
}

func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *watcher) WriteHeader(status int) {
	if w.status == 0 && status >= 200 { // 1xx come before the answer
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *watcher) Write(p []byte) (int, error) {
	w.status = w.final()
	w.body.Write(p)
	return w.ResponseWriter.Write(p)
}

// Flush is here for handlers that ask for an http.Flusher instead of an http.ResponseController.
func (w *watcher) Flush() {
	w.status = w.final()
	_ = http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *watcher) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	w.hijacked = err == nil
	return conn, rw, err
}

// final is the status of the answer: 200 when the handler sets none.
func (w *watcher) final() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}
