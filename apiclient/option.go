package apiclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// An Option is what one call adds to method and path. One that makes no sense fails the call with [ErrRequest], before
// anything is sent.
type Option func(*call)

// call is a request in the making.
type call struct {
	method, path string
	wildcards    []wildcard
	query        strings.Builder
	header       http.Header
	body         []byte
	timeout      time.Duration // 0 means that of the client
	err          error         // the first mistake
}

type wildcard struct{ name, value string }

func (c *call) refuse(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: "+format, append([]any{ErrRequest}, args...)...)
	}
}

// Path fills the wildcard {name} of the path. The value is one that [Query] takes, but no list; it is escaped, so that
// it stays one segment. An empty value and dot segments are refused: they would lead to another path.
func Path(name string, value any) Option {
	return func(c *call) {
		values, list, err := texts(value)
		switch {
		case err != nil:
			c.refuse("path value %q %w", name, err)
		case len(values) != 1 || list:
			c.refuse("path value %q is nil or a list: give one value", name)
		case unusableInPath(values[0]):
			c.refuse("path value %q is empty or has a dot segment, which would lead to another path", name)
		default:
			c.wildcards = append(c.wildcards, wildcard{name, values[0]})
		}
	}
}

// Query adds a parameter to the query. A list repeats the name: Query("id", []int{1, 2}) gives id=1&id=2, an empty one
// nothing. Numbers are decimal, a bool is true or false, times and whatever has MarshalText or String are texts. Nil
// adds nothing. The order of the options is kept.
func Query(name string, value any) Option {
	return func(c *call) {
		values, _, err := texts(value)
		if err != nil {
			c.refuse("query parameter %q %w", name, err)
			return
		}
		c.query.Grow(len(values) * (len(name) + roomForValue))
		for _, text := range values {
			if c.query.Len() > 0 {
				c.query.WriteByte('&')
			}
			c.query.WriteString(url.QueryEscape(name))
			c.query.WriteByte('=')
			c.query.WriteString(url.QueryEscape(text))
		}
	}
}

const roomForValue = 16 // bytes to make room for, per value of a query

// Header sets a header of the request. It wins over what the client would set, X-SERVICE-SECRET too.
func Header(name, value string) Option {
	return func(c *call) {
		if !usableHeader(name, value) {
			c.refuse("header %q has a name or a value with characters that cannot be sent", name)
			return
		}
		c.setHeader(name, value)
	}
}

// JSON sends a value as JSON.
func JSON(value any) Option {
	return func(c *call) {
		body, err := json.Marshal(value)
		if err != nil {
			c.refuse("the body: %w", err)
			return
		}
		c.setBody("application/json", body)
	}
}

// Form sends values as a form.
func Form(values url.Values) Option {
	return Body("application/x-www-form-urlencoded", []byte(values.Encode()))
}

// Body sends bytes. They must not be changed before the call has ended.
func Body(contentType string, body []byte) Option {
	return func(c *call) { c.setBody(contentType, body) }
}

// Timeout bounds this call, in place of [Config].Timeout. 0 changes nothing; [NoTimeout] leaves it to the context. Another
// negative duration, as of a deadline that has passed, fails the call.
func Timeout(d time.Duration) Option {
	return func(c *call) {
		if d < 0 && d != NoTimeout {
			c.refuse("the timeout %v is over already; NoTimeout means none", d)
		}
		c.timeout = d
	}
}

// setBody leaves a Content-Type alone that was given before.
func (c *call) setBody(contentType string, body []byte) {
	c.body = body
	if c.header.Get("Content-Type") == "" {
		c.setHeader("Content-Type", contentType)
	}
}

func (c *call) setHeader(name, value string) {
	if c.header == nil {
		c.header = http.Header{}
	}
	c.header.Set(name, value)
}

func usableHeader(name, value string) bool {
	const separators = "\"(),/:;<=>?@[\\]{}"
	bad := func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(separators, r) }
	return name != "" && !strings.ContainsFunc(name, bad) &&
		!strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}
