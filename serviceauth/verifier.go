package serviceauth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

// A Config says who may call. It shows itself without the secrets, but package fmt does not ask what lies in a field that
// is not exported: keep the [Verifier], not the Config.
type Config struct {
	// Errors is the catalog of the receiving service, in whose name refusals are answered. It is required.
	Errors *apierror.Catalog

	// Secrets are accepted from every calling service that is not in Callers: one, or several while they are rotated.
	Secrets []string

	// Callers gives single services secrets of their own, by name. Such a service is not accepted with one of Secrets.
	Callers map[string][]string

	// Logger gets a warning for each wrong secret. Nil means slog.Default().
	Logger *slog.Logger
}

// FromEnv returns a config whose only secret is the environment variable SERVICE_SECRET. Set Errors before you use it.
// The error wraps [ErrSecret] when the variable is unset or cannot be used.
func FromEnv() (Config, error) {
	secret := os.Getenv("SERVICE_SECRET")
	if err := checkSecret(secret); err != nil {
		return Config{}, fmt.Errorf("serviceauth: SERVICE_SECRET: %w", err)
	}
	return Config{Secrets: []string{secret}}, nil
}

// String shows the config without its secrets.
func (c Config) String() string {
	return fmt.Sprintf("serviceauth.Config{%d secrets, %d callers with their own}", len(c.Secrets), len(c.Callers))
}

// Format is String for every verb of package fmt.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue is String, for package slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

type digest = [sha256.Size]byte

// A Verifier knows which services may call. [New] makes it. It is safe for concurrent use.
type Verifier struct {
	writer   *apierror.Writer
	accepted func(caller string) []digest // a function, so that package fmt shows no digest: a weak secret could be guessed from it
}

// New returns a verifier. It refuses a config without a catalog or with mistakes in it, one that lets nobody in, and
// one with a secret that cannot be used; the last two errors wrap [ErrSecret].
func New(config Config) (*Verifier, error) {
	writer, err := config.Errors.Writer(apierror.WriterConfig{Logger: config.Logger})
	if err != nil {
		return nil, fmt.Errorf("serviceauth: Config.Errors: %w", err)
	}
	if len(config.Secrets)+len(config.Callers) == 0 {
		return nil, fmt.Errorf("serviceauth: %w: Config has neither Secrets nor Callers", ErrSecret)
	}
	shared, err := digests("Secrets", config.Secrets)
	if err != nil {
		return nil, err
	}
	callers := make(map[string][]digest, len(config.Callers))
	for name, secrets := range config.Callers {
		if err := checkService(name); err != nil {
			return nil, fmt.Errorf("serviceauth: Config.Callers: %w", err)
		}
		if len(secrets) == 0 {
			return nil, fmt.Errorf("serviceauth: %w: Config.Callers[%q] has none", ErrSecret, name)
		}
		if callers[name], err = digests(fmt.Sprintf("Callers[%q]", name), secrets); err != nil {
			return nil, err
		}
	}
	return &Verifier{writer, func(caller string) []digest {
		if own, ok := callers[caller]; ok {
			return own
		}
		return shared
	}}, nil
}

func digests(field string, secrets []string) ([]digest, error) {
	sums := make([]digest, len(secrets))
	for i, secret := range secrets {
		if err := checkSecret(secret); err != nil {
			return nil, fmt.Errorf("serviceauth: Config.%s[%d]: %w", field, i, err)
		}
		sums[i] = sha256.Sum256([]byte(secret))
	}
	return sums, nil
}

// Require lets a request through to next when its header proves who calls: [Caller] tells next, which does not see the
// header. Others are answered in the error shape: 401 when the header is missing or malformed, 403 when the secret is
// wrong.
func (v *Verifier) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, err := v.Verify(r)
		if err != nil {
			if errors.Is(err, apierror.Unauthorized()) {
				w.Header().Set("WWW-Authenticate", Header)
			}
			v.writer.Write(w, r, err)
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), callerKey{}, caller))
		r.Header = r.Header.Clone()
		r.Header.Del(Header)
		next.ServeHTTP(w, r)
	})
}

// Verify returns the name of the calling service, or an error to answer: [apierror.Unauthorized] when the header is
// missing or malformed, [apierror.Forbidden] when the secret is wrong. It is for those who do not use
// [Verifier.Require].
func (v *Verifier) Verify(r *http.Request) (caller string, err error) {
	values := r.Header.Values(Header)
	if len(values) == 0 {
		return "", apierror.Unauthorized()
	}
	colon := strings.LastIndexByte(values[0], ':')
	if len(values) > 1 || colon < 1 || colon == len(values[0])-1 {
		return "", apierror.Unauthorized().With("Invalid service secret header. Expected <secret>:<service>.")
	}
	secret, caller := values[0][:colon], values[0][colon+1:]
	given, match := sha256.Sum256([]byte(secret)), 0
	for _, accepted := range v.accepted(caller) { // all of them, whichever matches
		match |= subtle.ConstantTimeCompare(given[:], accepted[:])
	}
	if match == 0 {
		// the caller's name stays out of it: whoever swaps the two halves would find the secret in the log
		return "", apierror.Forbidden().With("Incorrect authentication credentials.").
			Wrap(fmt.Errorf("serviceauth: wrong secret from %s", r.RemoteAddr))
	}
	return caller, nil
}

type callerKey struct{}

// Caller returns the name of the service whose request is being handled, "" when it did not come through
// [Verifier.Require].
func Caller(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(string)
	return caller
}
