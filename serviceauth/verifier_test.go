package serviceauth_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

func config() serviceauth.Config {
	return serviceauth.Config{
		Errors:  apierror.NewCatalog("hrm"),
		Secrets: []string{"old:s3cret", "new-s3cret"},
		Callers: map[string][]string{"bank": {"vault1", "vault2"}},
		Logger:  slog.New(slog.DiscardHandler),
	}
}

func mustNew(t *testing.T, c serviceauth.Config) *serviceauth.Verifier {
	t.Helper()
	v, err := serviceauth.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestRequire(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := config()
	c.Logger = slog.New(slog.NewTextHandler(&log, nil))
	handler := mustNew(t, c).Require(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(serviceauth.Header) != "" {
			t.Error("the handler sees the secret")
		}
		_, _ = io.WriteString(w, serviceauth.Caller(r.Context()))
	}))
	const missing, malformed = "Authentication credentials were not provided.", "Invalid service secret header. Expected <secret>:<service>."
	tests := map[string]struct {
		headers []string
		status  int
		want    string // caller, or detail
	}{
		"one secret":         {[]string{"new-s3cret:mailer"}, 200, "mailer"},
		"a colon in it":      {[]string{"old:s3cret:mailer"}, 200, "mailer"},
		"own secret":         {[]string{"vault2:bank"}, 200, "bank"},
		"not another's own":  {[]string{"vault1:mailer"}, 403, ""},
		"not the shared one": {[]string{"new-s3cret:bank"}, 403, ""},
		"wrong":              {[]string{"wrong:mailer"}, 403, ""},
		"longer":             {[]string{"new-s3cret2:mailer"}, 403, ""},
		"shorter":            {[]string{"new-s3cre:mailer"}, 403, ""},
		"unset in Python":    {[]string{"None:mailer"}, 403, ""},
		"swapped":            {[]string{"mailer:new-s3cret"}, 403, ""},
		"none":               {nil, 401, missing},
		"empty":              {[]string{""}, 401, malformed},
		"no colon":           {[]string{"new-s3cret"}, 401, malformed},
		"no name":            {[]string{"new-s3cret:"}, 401, malformed},
		"no secret":          {[]string{":mailer"}, 401, malformed},
		"only a colon":       {[]string{":"}, 401, malformed},
		"two headers":        {[]string{"new-s3cret:mailer", "new-s3cret:mailer"}, 401, malformed},
	}
	for name, tt := range tests {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Service-Secret"] = tt.headers
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if len(r.Header["X-Service-Secret"]) != len(tt.headers) {
			t.Errorf("%s: the caller's request was changed", name)
		}
		if rec.Code != tt.status {
			t.Errorf("%s: status %d, want %d", name, rec.Code, tt.status)
		}
		if tt.status == 200 {
			if rec.Body.String() != tt.want {
				t.Errorf("%s: caller %q", name, rec.Body)
			}
			continue
		}
		if tt.status == 403 {
			tt.want = "Incorrect authentication credentials."
		}
		var got, want any
		_ = json.Unmarshal(rec.Body.Bytes(), &got)
		_ = json.Unmarshal(fmt.Appendf(nil, `{"code": %d, "detail": {"detail": %q}, "error_code": "HRM/DEFAULT_EXCEPTION"}`, tt.status, tt.want), &want)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %s", name, rec.Body)
		}
		if challenge := rec.Header().Get("WWW-Authenticate"); (challenge != "") != (tt.status == 401) {
			t.Errorf("%s: WWW-Authenticate %q", name, challenge)
		}
	}
	if strings.Count(log.String(), "wrong secret") != 7 || strings.Contains(log.String(), "s3cret") || strings.Contains(log.String(), "vault") {
		t.Errorf("logged: %s", &log)
	}
}

func TestUnusableConfigsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*serviceauth.Config)
		secret bool // the error is ErrSecret
		want   string
	}{
		"nobody":         {func(c *serviceauth.Config) { c.Secrets, c.Callers = nil, nil }, true, "neither Secrets nor Callers"},
		"empty":          {func(c *serviceauth.Config) { c.Secrets = append(c.Secrets, "") }, true, "Secrets[2]"},
		"None":           {func(c *serviceauth.Config) { c.Secrets = []string{"None"} }, true, `"None"`},
		"line break":     {func(c *serviceauth.Config) { c.Secrets = []string{"abc\n"} }, true, "line break"},
		"control":        {func(c *serviceauth.Config) { c.Secrets = []string{"a\x00c"} }, true, "control character"},
		"caller's empty": {func(c *serviceauth.Config) { c.Callers["a"] = []string{""} }, true, `Callers["a"][0]`},
		"caller's none":  {func(c *serviceauth.Config) { c.Callers["a"] = nil }, true, `Callers["a"] has none`},
		"caller's name":  {func(c *serviceauth.Config) { c.Callers["a:b"] = []string{"x"} }, false, `"a:b"`},
		"no catalog":     {func(c *serviceauth.Config) { c.Errors = nil }, false, "apierror.NewCatalog"},
		"bad catalog":    {func(c *serviceauth.Config) { c.Errors = apierror.NewCatalog("") }, false, "service name is empty"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config()
			tt.change(&c)
			_, err := serviceauth.New(c)
			if err == nil || errors.Is(err, serviceauth.ErrSecret) != tt.secret || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestNothingShowsASecret(t *testing.T) {
	t.Parallel()
	c := config()
	v := mustNew(t, c)
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "config", c, "verifier", v)
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		for _, thing := range []any{c, &c, v, *v, struct{ v *serviceauth.Verifier }{v}} {
			fmt.Fprintf(&log, format+"\n", thing)
		}
	}
	for _, secret := range []string{"old:s3cret", "new-s3cret", "vault1", "vault2"} {
		sum := sha256.Sum256([]byte(secret))
		for _, hidden := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%x", sum), strings.Trim(fmt.Sprint(sum), "[]")} {
			if strings.Contains(log.String(), hidden) {
				t.Errorf("%s shows: %s", secret, &log)
			}
		}
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv("SERVICE_SECRET", "abc")
	c, err := serviceauth.FromEnv()
	if err != nil || len(c.Secrets) != 1 || c.Secrets[0] != "abc" {
		t.Errorf("got %v, %v", c.Secrets, err)
	}
	t.Setenv("SERVICE_SECRET", "")
	if _, err := serviceauth.FromEnv(); !errors.Is(err, serviceauth.ErrSecret) || !strings.Contains(err.Error(), "SERVICE_SECRET") {
		t.Errorf("got %v", err)
	}
}

func TestCredential(t *testing.T) {
	t.Parallel()
	if got, err := serviceauth.Credential("a:b", "mailer"); got != "a:b:mailer" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, name := range []string{"", "a:b", "a b", "a\n"} {
		if _, err := serviceauth.Credential("secret", name); err == nil || strings.Contains(err.Error(), "\"secret\"") {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := serviceauth.Credential("None", "mailer"); !errors.Is(err, serviceauth.ErrSecret) {
		t.Errorf("got %v", err)
	}
}

func FuzzVerify(f *testing.F) {
	for _, seed := range []string{"new-s3cret:mailer", "old:s3cret:mailer", "::", "", "vault1:bank"} {
		f.Add(seed)
	}
	v, err := serviceauth.New(config())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header["X-Service-Secret"] = []string{header}
		caller, err := v.Verify(r)
		valid := false
		for _, secret := range []string{"new-s3cret", "old:s3cret"} {
			valid = valid || caller != "bank" && header == secret+":"+caller
		}
		valid = valid || header == "vault1:bank" || header == "vault2:bank"
		if (err == nil) != (valid && caller != "" && !strings.Contains(caller, ":")) {
			t.Errorf("%q: caller %q, %v", header, caller, err)
		}
	})
}
