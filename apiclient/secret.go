package apiclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

const shownSecret = "[secret]"

// redact takes the secret of a request out of a text that repeats the request, as debug pages do, in the spellings in
// which JSON, HTML and URLs have it.
func (c *Client) redact(sent http.Header, text string) string {
	for _, secret := range c.secrets(sent) {
		plain := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(secret)
		escaped, _ := json.Marshal(secret) // a text cannot fail
		ascii := strconv.QuoteToASCII(secret)
		for _, spelling := range []string{
			secret, plain, string(escaped[1 : len(escaped)-1]), ascii[1 : len(ascii)-1],
			html.EscapeString(secret), url.QueryEscape(secret), url.PathEscape(secret),
		} {
			text = strings.ReplaceAll(text, spelling, shownSecret)
		}
	}
	return text
}

// secrets are that of the client and what a call sends in its place.
func (c *Client) secrets(sent http.Header) []string {
	all := []string{c.auth.secret()}
	for _, own := range sent[headerKey] {
		if colon := strings.LastIndexByte(own, ':'); colon > 0 {
			all = append(all, own[:colon])
		}
		if own != "" {
			all = append(all, own)
		}
	}
	return all
}

// redactJSON is redact for the texts in a JSON value, however they are escaped there.
func (c *Client) redactJSON(sent http.Header, raw json.RawMessage) json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return raw // there is none
	}
	changed := false
	value = mapTexts(value, func(text string) string {
		clean := c.redact(sent, text)
		changed = changed || clean != text
		return clean
	})
	if !changed {
		return raw // with the order of its keys
	}
	raw, _ = json.Marshal(value) // it was JSON
	return raw
}

func mapTexts(value any, to func(string) string) any {
	switch v := value.(type) {
	case string:
		return to(v)
	case []any:
		for i := range v {
			v[i] = mapTexts(v[i], to)
		}
	case map[string]any:
		clean := make(map[string]any, len(v))
		for key, below := range v {
			clean[to(key)] = mapTexts(below, to)
		}
		return clean
	}
	return value
}

// withoutSecret is err, or only its text when that shows the secret of a request.
func (c *Client) withoutSecret(r *http.Request, err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	if clean := c.redact(r.Header, text); clean != text {
		return errors.New(clean)
	}
	return err
}

// answered is the error that a service answers, without the secret should it repeat that.
func (c *Client) answered(r *http.Request, resp *http.Response, body []byte) error {
	err := apierror.Decode(resp.StatusCode, resp.Header, body)
	p, ok := errors.AsType[*apierror.Proxy](err)
	if !ok {
		return err
	}
	p.Code = c.redact(r.Header, p.Code)
	if p.Body != nil { // it was cut, perhaps within the secret
		const enough = 32 * apierror.BodyKept
		p.Body = []byte(c.redact(r.Header, string(body[:min(len(body), enough)])))
		p.Body = p.Body[:min(len(p.Body), apierror.BodyKept)]
	}
	p.Detail = c.redactJSON(r.Header, p.Detail)
	return p
}

// headerKey is serviceauth.Header as it stands in an http.Header.
var headerKey = http.CanonicalHeaderKey(serviceauth.Header)
