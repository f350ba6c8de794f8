package apiclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

const (
	defaultTimeout     = 120 * time.Second
	defaultMaxResponse = 32 << 20
	maxRedirects       = 10
	idlePerHost        = 32 // net/http keeps 2, which makes a busy caller dial anew all the time
)

// NoTimeout as [Config].Timeout or in [Timeout] leaves the end of a call to its context.
const NoTimeout time.Duration = -1

// A Config says which service is called, by whom and how. BaseURL, Service and Secret are required.
//
// It shows itself without the secret, but package fmt does not ask what lies in a field that is not exported: keep the
// [Client], not the Config.
type Config struct {
	// BaseURL is where the called service listens, "http://hrm" or "https://gateway/hrm". Paths of calls are appended
	// to it.
	BaseURL string

	// Service is the name of the calling service.
	Service string

	// Secret proves that it is that service. It is sent in the header X-SERVICE-SECRET, to the host of BaseURL only.
	Secret string `json:"-"`

	// Timeout bounds a call with all its attempts. 0 means 120 s; [NoTimeout] means none. A context that ends earlier
	// wins.
	Timeout time.Duration

	// Retry says how often and when a call is repeated; the zero value means 3 attempts. What is repeated is said in
	// the package comment; On, if it is set, chooses among the errors instead: it sees [ErrConnect], [ErrBroken] and
	// the like, and the errors of the service. A call that may do harm when repeated is repeated only where no
	// connection came about, whatever On says. A Budget bounds the repetitions of all calls of the client together.
	// Attempts: 1 turns repeating off, except what net/http does by itself: it sends an idempotent request again when
	// the server closes a kept-alive connection before it answers.
	Retry retry.Policy

	// MaxResponse is the number of bytes that are read of an answer, decompressed. 0 means 32 MiB. More is [ErrTooLarge].
	MaxResponse int64

	// Jar, if set, keeps cookies between calls.
	Jar http.CookieJar

	// Transport sends the requests. Nil means a copy of http.DefaultTransport that keeps more idle connections; like that,
	// it goes through the proxy that HTTP_PROXY and its kin name.
	Transport http.RoundTripper

	// Middleware is put around Transport, the first outermost: for tracing and the like. It is called for each attempt
	// and each redirect, and does not see the secret.
	Middleware []func(next http.RoundTripper) http.RoundTripper
}

// FromEnv returns a config whose Secret is the environment variable SERVICE_SECRET. Set BaseURL and Service before you
// use it. The error wraps [serviceauth.ErrSecret] when the variable is unset or cannot be used.
func FromEnv() (Config, error) {
	auth, err := serviceauth.FromEnv()
	if err != nil {
		return Config{}, err
	}
	return Config{Secret: auth.Secrets[0]}, nil
}

// String shows the config without its secret.
func (c Config) String() string {
	where := "an unreadable URL"
	if base, err := parseBase(c.BaseURL); err == nil {
		where = base.Redacted()
	}
	return fmt.Sprintf("apiclient.Config{%s, as %q}", where, c.Service)
}

// Format is String for every verb of package fmt.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String, for package slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// A Client calls one service in the name of another. [New] makes it. It is safe for concurrent use.
type Client struct {
	base        *url.URL
	service     string
	auth        *authTransport
	transport   http.RoundTripper
	http        *http.Client
	timeout     time.Duration
	retry       retry.Policy
	maxResponse int64
}

// New returns a client. It refuses a BaseURL that is none, a negative Timeout or MaxResponse, a Retry that makes no sense
// ([retry.PolicyError]), and names and secrets that cannot be sent; for a missing or unusable secret the error wraps
// [serviceauth.ErrSecret].
func New(config Config) (*Client, error) {
	base, err := parseBase(config.BaseURL)
	if err != nil {
		return nil, fmt.Errorf("apiclient: Config.BaseURL %w", err)
	}
	credential, err := serviceauth.Credential(config.Secret, config.Service)
	if err != nil {
		return nil, fmt.Errorf("apiclient: Config: %w", err)
	}
	if config.MaxResponse < 0 {
		return nil, fmt.Errorf("apiclient: Config.MaxResponse is %d: want a number of bytes, or 0 for %d",
			config.MaxResponse, defaultMaxResponse)
	}
	if config.Timeout < 0 && config.Timeout != NoTimeout {
		return nil, fmt.Errorf("apiclient: Config.Timeout is %v: want a duration, 0 for %v or NoTimeout for none", config.Timeout, defaultTimeout)
	}
	if err := retry.Run(context.Background(), config.Retry, func(context.Context) error { return nil }); err != nil {
		return nil, fmt.Errorf("apiclient: Config.Retry: %w", err) // retry checks a policy when it is used
	}
	next := config.Transport
	if next == nil {
		next = newTransport()
	}
	header := []string{credential}
	c := &Client{
		base:        base,
		service:     config.Service,
		auth:        &authTransport{next: next, base: base, secret: hide(config.Secret), credential: func() []string { return header }},
		timeout:     config.Timeout,
		retry:       config.Retry,
		maxResponse: config.MaxResponse,
	}
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	if c.maxResponse == 0 {
		c.maxResponse = defaultMaxResponse
	}
	if len(c.retry.On) == 0 {
		c.retry.On = []retry.Match{worthRepeating}
	}
	c.transport = c.auth
	for i := len(config.Middleware) - 1; i >= 0; i-- {
		c.transport = config.Middleware[i](c.transport)
	}
	c.http = &http.Client{Transport: locator{c.transport}, Jar: config.Jar, CheckRedirect: checkRedirect}
	return c, nil
}

// String tells which service is called and by whom, without the secret.
func (c *Client) String() string {
	return fmt.Sprintf("apiclient.Client{%s, as %q}", c.base.Redacted(), c.service)
}

// GoString is String, for %#v.
func (c *Client) GoString() string { return c.String() }

// LogValue is String, for package slog.
func (c *Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// CloseIdleConnections closes the connections that are not in use. The client stays usable.
func (c *Client) CloseIdleConnections() { c.auth.CloseIdleConnections() }

func newTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport // replaced by the program
	}
	transport := standard.Clone()
	transport.MaxIdleConnsPerHost = idlePerHost
	return transport
}

// parseBase does not repeat the text in its errors: it may hold a password.
func parseBase(text string) (*url.URL, error) {
	base, err := url.Parse(text)
	switch {
	case text == "":
		return nil, errors.New(`is empty: give it as "http://hrm"`)
	case err != nil || base.Scheme != "http" && base.Scheme != "https" || base.Hostname() == "":
		return nil, errors.New(`is no URL of a service: give it as "http://hrm" or "https://gateway/hrm"`)
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		return nil, errors.New("has a query or a fragment: give those with the call")
	}
	return base, nil
}
