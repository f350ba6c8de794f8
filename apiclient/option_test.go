package apiclient_test

import (
	"errors"
	"math"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
)

type role string
type level uint8

func (level) String() string { return "high" }

type point struct{ x int }

func (p *point) String() string { return "p" }

// sentURL makes a call and returns the URL that was sent, "" if none was.
func sentURL(t *testing.T, base, path string, opts ...apiclient.Option) (sent string, err error) {
	t.Helper()
	client := newClient(t, apiclient.Config{BaseURL: base, Service: "hrm", Secret: secret, Retry: once,
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			sent = r.URL.String()
			return answer(r, 200, "{}"), nil
		})})
	_, err = apiclient.Get[thing](t.Context(), client, path, opts...)
	return sent, err
}

func TestURLs(t *testing.T) {
	t.Parallel()
	id := 7
	tests := map[string]struct {
		base, path string
		opts       []apiclient.Option
		want       string
	}{
		"plain":         {"http://hrm", "/people/", nil, "http://hrm/people/"},
		"slash in base": {"http://hrm/", "/people/", nil, "http://hrm/people/"},
		"prefix":        {"http://gateway/hrm%2Fa/", "/people/", nil, "http://gateway/hrm%2Fa/people/"},
		"wildcards":     {"http://hrm", "/a/{id}/b/{name}", []apiclient.Option{apiclient.Path("name", "ann"), apiclient.Path("id", 7)}, "http://hrm/a/7/b/ann"},
		"escaped":       {"http://hrm", "/a/{x}/", []apiclient.Option{apiclient.Path("x", "a/b?c#d%2F é")}, "http://hrm/a/a%2Fb%3Fc%23d%252F%20%C3%A9/"},
		"literal":       {"http://hrm", "/люди 1%/", nil, "http://hrm/%D0%BB%D1%8E%D0%B4%D0%B8%201%25/"},
		"no other host": {"http://hrm", "//evil/@evil", nil, "http://hrm//evil/@evil"},
		"address":       {"http://hrm", "/{ip}/", []apiclient.Option{apiclient.Path("ip", netip.MustParseAddr("10.0.0.1"))}, "http://hrm/10.0.0.1/"},
		"pointer":       {"http://hrm", "/{id}/", []apiclient.Option{apiclient.Path("id", &id)}, "http://hrm/7/"},
		"named types":   {"http://hrm", "/", []apiclient.Option{apiclient.Query("r", role("head")), apiclient.Query("l", level(3)), apiclient.Query("l", []level{1})}, "http://hrm/?r=head&l=3&l=1"},
		"stringer":      {"http://hrm", "/", []apiclient.Option{apiclient.Query("p", &point{1}), apiclient.Query("n", (*point)(nil))}, "http://hrm/?p=p"},
		"large numbers": {"http://hrm", "/", []apiclient.Option{apiclient.Query("f", 1e21), apiclient.Query("g", float32(0.1)), apiclient.Query("u", uint64(math.MaxUint64))}, "http://hrm/?f=1000000000000000000000&g=0.1&u=18446744073709551615"},
		"zone":          {"http://hrm", "/", []apiclient.Option{apiclient.Query("t", time.Date(2020, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)))}, "http://hrm/?t=2020-01-02T03%3A04%3A05%2B01%3A00"},
		"odd names":     {"http://hrm", "/", []apiclient.Option{apiclient.Query("a&b", "")}, "http://hrm/?a%26b="},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := sentURL(t, tt.base, tt.path, tt.opts...); err != nil || got != tt.want {
				t.Errorf("got %s, want %s (%v)", got, tt.want, err)
			}
		})
	}
}

func TestUnusableRequestsAreNotSent(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		path string
		opts []apiclient.Option
		want string
	}{
		"relative":         {"people/", nil, "begins with /"},
		"another host":     {"@evil/", nil, "begins with /"},
		"empty":            {"", nil, "begins with /"},
		"query":            {"/people/?a=1", nil, "neither query nor fragment"},
		"unfilled":         {"/people/{id}/", nil, `apiclient.Path("id", ...)`},
		"unclosed":         {"/people/{id", []apiclient.Option{apiclient.Path("id", 1)}, "nothing fills"},
		"no place":         {"/people/", []apiclient.Option{apiclient.Path("id", 1)}, "no place"},
		"empty value":      {"/{id}/", []apiclient.Option{apiclient.Path("id", "")}, "another path"},
		"dots":             {"/{id}/", []apiclient.Option{apiclient.Path("id", "..")}, "another path"},
		"dots inside":      {"/{id}/", []apiclient.Option{apiclient.Path("id", "a/../b")}, "another path"},
		"nil":              {"/{id}/", []apiclient.Option{apiclient.Path("id", nil)}, "give one value"},
		"list":             {"/{id}/", []apiclient.Option{apiclient.Path("id", []int{1})}, "give one value"},
		"struct":           {"/", []apiclient.Option{apiclient.Query("a", struct{}{})}, "is a struct {}"},
		"NaN":              {"/", []apiclient.Option{apiclient.Query("a", math.NaN())}, "is no number"},
		"bad in a list":    {"/", []apiclient.Option{apiclient.Query("a", []any{1, point{}})}, "is a apiclient_test.point"},
		"no text":          {"/", []apiclient.Option{apiclient.Query("a", time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC))}, "is no text"},
		"no JSON":          {"/", []apiclient.Option{apiclient.JSON(func() {})}, "the body"},
		"header value":     {"/", []apiclient.Option{apiclient.Header("X-A", "a\r\nX-B: c")}, `header "X-A"`},
		"header name":      {"/", []apiclient.Option{apiclient.Header("X A", "a")}, `header "X A"`},
		"no header":        {"/", []apiclient.Option{apiclient.Header("", "a")}, "header"},
		"deadline passed":  {"/", []apiclient.Option{apiclient.Timeout(-time.Second)}, "is over already"},
		"the first counts": {"/{id}/", []apiclient.Option{apiclient.Header("", "a"), apiclient.Path("id", nil)}, "header"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sent, err := sentURL(t, "http://hrm", tt.path, tt.opts...)
			if sent != "" || !errors.Is(err, apiclient.ErrRequest) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("sent %q, error %v, want %q", sent, err, tt.want)
			}
		})
	}
}

func TestContentTypeOfTheCallWins(t *testing.T) {
	t.Parallel()
	const patch = "application/merge-patch+json"
	for _, opts := range [][]apiclient.Option{
		{apiclient.Header("content-type", patch), apiclient.JSON(1)},
		{apiclient.JSON(1), apiclient.Header("content-type", patch)},
		{apiclient.Body(patch, []byte("1"))},
	} {
		var got string
		client := newClient(t, apiclient.Config{BaseURL: "http://hrm", Service: "hrm", Secret: secret,
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				got = r.Header.Get("Content-Type")
				return answer(r, 200, "{}"), nil
			})})
		if _, err := apiclient.Patch[thing](t.Context(), client, "/", opts...); err != nil || got != patch {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"7", "..", "a/b", "%2e%2e", "?x", "#", "@evil", "\x00", "a\\..\\b", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		sent, err := sentURL(t, "http://hrm/base", "/people/{id}/", apiclient.Path("id", value))
		if err != nil {
			if !errors.Is(err, apiclient.ErrRequest) {
				t.Fatal(err)
			}
			return
		}
		u, err := url.Parse(sent)
		if err != nil || u.Host != "hrm" || u.RawQuery != "" || u.Fragment != "" || u.Path != "/base/people/"+value+"/" || strings.Count(u.EscapedPath(), "/") != 4 {
			t.Fatalf("%q was sent as %q", value, sent)
		}
	})
}
