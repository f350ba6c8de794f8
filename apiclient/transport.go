package apiclient

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Transport returns an http.RoundTripper for those who keep their own http.Client: it adds the secret to requests to
// the host of BaseURL, takes it away from redirects to others, and runs the middleware. It neither repeats nor bounds
// anything.
func (c *Client) Transport() http.RoundTripper { return c.transport }

// authTransport lets the secret go to the called service and nowhere else. It stands below http.Client, which would
// copy the header to wherever a redirect points.
type authTransport struct {
	next       http.RoundTripper
	base       *url.URL
	secret     hidden
	credential func() []string // the values of the header
}

// hidden keeps a text from package fmt, which looks into unexported fields and behind pointers, but into no function.
type hidden func() string

func hide(text string) hidden { return func() string { return text } }

func (t *authTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	home, given := sameOrigin(r.URL, t.base), len(r.Header[headerKey]) > 0
	add := home && !given
	remove := !home && given && r.Response != nil // a redirect took it along; elsewhere it is the caller's own choice
	if !add && !remove {
		return t.next.RoundTrip(r)
	}
	changed := r.WithContext(r.Context()) // a RoundTripper must not change its request
	changed.Header = r.Header.Clone()
	if changed.Header == nil {
		changed.Header = http.Header{}
	}
	if add {
		changed.Header[headerKey] = t.credential()
	} else {
		delete(changed.Header, headerKey)
	}
	return t.next.RoundTrip(changed)
}

// CloseIdleConnections reaches the connections below, also for the http.Client of a caller.
func (t *authTransport) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// sameOrigin compares scheme, host and port: what goes to https must not go to http.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && port(a) == port(b)
}

func port(u *url.URL) string {
	switch p := u.Port(); {
	case p != "":
		return p
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}

// redirectKey holds a *bool in the context of an attempt, which tells whether the attempt was redirected.
type redirectKey struct{}

func checkRedirect(r *http.Request, via []*http.Request) error {
	if redirected, ok := r.Context().Value(redirectKey{}).(*bool); ok {
		*redirected = true
	}
	switch {
	case len(via) >= maxRedirects:
		return fmt.Errorf("%w: %d in a row", ErrRedirect, maxRedirects)
	case r.URL.Scheme != "http" && r.URL.Scheme != "https" || r.URL.Host == "":
		return fmt.Errorf("%w: to what is no address of http", ErrRedirect)
	}
	return nil
}

// locator refuses redirects that http.Client would report in a way that cannot be told from a broken connection.
type locator struct{ next http.RoundTripper }

func (l locator) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil || resp == nil { // net/http says what is wrong with neither
		return resp, err
	}
	switch resp.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return resp, nil
	}
	if _, err := resp.Location(); err != nil && !errors.Is(err, http.ErrNoLocation) {
		resp.Body.Close()
		return nil, fmt.Errorf("%w: to what is no address", ErrRedirect) // the error would show it
	}
	return resp, nil
}
