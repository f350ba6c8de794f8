package rabbitmq

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestFromEnv(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		env     map[string]string
		want    string // the address
		blocked time.Duration
	}{
		"nothing": {nil, "amqp://guest@localhost:5672/%2F guest", DefaultBlockedTimeout},
		"parts": {map[string]string{"RABBITMQ_HOST": "mq", "RABBITMQ_PORT": "5673", "RABBITMQ_USER": "u", "RABBITMQ_PASSWORD": "p", "RABBITMQ_VHOST": "v",
			"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT": "2.5"}, "amqp://u@mq:5673/v p", 2500 * time.Millisecond},
		"user alone":      {map[string]string{"RABBITMQ_USER": "u"}, "amqp://u@localhost:5672/%2F guest", DefaultBlockedTimeout},
		"password alone":  {map[string]string{"RABBITMQ_PASSWORD": "p"}, "amqp://guest@localhost:5672/%2F p", DefaultBlockedTimeout},
		"URL wins":        {map[string]string{"RABBITMQ_URL": "amqp://a:b@c", "RABBITMQ_HOST": "mq", "RABBITMQ_PORT": "broken", "RABBITMQ_VHOST": "v"}, "amqp://a@c:5672/%2F b", DefaultBlockedTimeout},
		"URL in full":     {map[string]string{"RABBITMQ_URL": "amqp://a%40:b%2F@c:1/%2Fv?blocked_connection_timeout=7&heartbeat=30&socket_timeout=3"}, "amqp://a%40@c:1/%2Fv b/", 7 * time.Second},
		"URL with a path": {map[string]string{"RABBITMQ_URL": "amqp://c/"}, "amqp://guest@c:5672/%2F guest", DefaultBlockedTimeout},
		"URL and timeout": {map[string]string{"RABBITMQ_URL": "amqp://c", "RABBITMQ_BLOCKED_CONNECTION_TIMEOUT": "9"}, "amqp://guest@c:5672/%2F guest", 9 * time.Second},
		"both timeouts":   {map[string]string{"RABBITMQ_URL": "amqp://c?blocked_connection_timeout=7", "RABBITMQ_BLOCKED_CONNECTION_TIMEOUT": "9"}, "amqp://guest@c:5672/%2F guest", 7 * time.Second},
		"TLS":             {map[string]string{"RABBITMQ_URL": "amqps://c"}, "amqps://guest@c:5671/%2F guest", DefaultBlockedTimeout},
		"IPv6":            {map[string]string{"RABBITMQ_HOST": "::1"}, "amqp://guest@[::1]:5672/%2F guest", DefaultBlockedTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := fromEnv(func(name string) string { return c.env[name] })
			if err != nil {
				t.Fatal(err)
			}
			s, err := cfg.resolve()
			if err != nil {
				t.Fatal(err)
			}
			if got := s.String() + " " + s.password; got != c.want || s.blockedTimeout != c.blocked {
				t.Errorf("got %s, blocked %v; want %s, %v", got, s.blockedTimeout, c.want, c.blocked)
			}
		})
	}
}

// Each error names the variable, says what would be right, and keeps the password.
func TestFromEnvRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, value, says string }{
		{"RABBITMQ_PORT", "tcp://10.0.0.1:5672", "want a port"},
		{"RABBITMQ_PORT", "0", "want a port"},
		{"RABBITMQ_HOST", "mq:5672", "RABBITMQ_PORT"},
		{"RABBITMQ_PORT", "65536", "want a port"},
		{"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT", "soon", "seconds"},
		{"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT", "0", "seconds"},
		{"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT", "-1", "seconds"},
		{"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT", "nan", "seconds"},
		{"RABBITMQ_BLOCKED_CONNECTION_TIMEOUT", "1e300", "seconds"},
		{"RABBITMQ_URL", "amqp://u:sec?ret@host", "percent-encoded"},
		{"RABBITMQ_URL", "amqp://u:sec%ret@host", "percent-encoded"},
		{"RABBITMQ_URL", "amqp://u:sec#ret@host", "percent-encoded"},
		{"RABBITMQ_URL", "http://u:secret@host", "amqp or amqps"},
		{"RABBITMQ_URL", "u:secret@host", "percent-encoded"},
		{"RABBITMQ_URL", "amqp://u:secret@host/a/b", "%2F"},
		{"RABBITMQ_URL", "amqp://u:secret@host?blocked_connection_timeout=0", "seconds"},
		{"RABBITMQ_URL", "amqp://u:secret@host?heartbeat=-1", "heartbeat"},
		{"RABBITMQ_URL", "amqps://u:secret@host?cacertfile=/nowhere", "cacertfile"},
		{"RABBITMQ_URL", "amqps://u:secret@host?certfile=/nowhere", "certfile"},
	} {
		_, err := fromEnv(func(name string) string { return map[string]string{c.name: c.value}[name] })
		if err == nil {
			t.Errorf("%s=%s was taken", c.name, c.value)
			continue
		}
		if text := err.Error(); !strings.Contains(text, c.name) || !strings.Contains(text, c.says) || strings.Contains(text, "sec") && !strings.Contains(text, "seconds") {
			t.Errorf("%s=%s: %s", c.name, c.value, text)
		}
	}
}

func TestConfigRefuses(t *testing.T) {
	t.Parallel()
	for name, cfg := range map[string]Config{
		"Config.Port":            {Port: -1},
		"Config.Host":            {Host: "mq:5672"},
		"Config.Window":          {Window: -1},
		"Config.PublishChannels": {PublishChannels: 5000},
		"Config.Heartbeat":       {Heartbeat: 1500 * time.Millisecond},
		"Config.Password":        {Password: "p"},
		"Config.VHost":           {VHost: strings.Repeat("v", 256)},
		"Config.Name":            {Name: strings.Repeat("v", 256)},
		"Config.URL":             {URL: "amqp://h", TLS: &tls.Config{MinVersion: tls.VersionTLS13}},
	} {
		if _, err := Dial(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestConfigShowsNoPassword(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for _, cfg := range []Config{{User: "u", Password: "secret"}, {URL: "amqp://u:secret@h/v"}, {URL: "amqp://u:secret@h/a/b"}} {
		slog.New(slog.NewTextHandler(&log, nil)).Info("start", "broker", cfg)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			fmt.Fprintf(&log, verb+"\n", cfg)
		}
	}
	if strings.Contains(log.String(), "secret") {
		t.Errorf("the password shows:\n%s", log.String())
	}
}

func TestConfigKeepsItsTLSConfig(t *testing.T) {
	t.Parallel()
	mine := &tls.Config{MinVersion: tls.VersionTLS13}
	s, err := Config{Host: "mq", TLS: mine}.resolve()
	if err != nil || s.port != "5671" || s.tls.ServerName != "mq" || s.tls.MinVersion != tls.VersionTLS13 || mine.ServerName != "" {
		t.Errorf("got %v %+v, %v", s, s.tls, err)
	}
}

func FuzzURL(f *testing.F) {
	for _, seed := range []string{"amqp://u:secret@h:1/v?heartbeat=1", "amqps://h/%2F", "amqp:///v", "amqp://[::1]/", "amqp://u:%zz@h", "", "amqp://h?blocked_connection_timeout=1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		cfg := Config{URL: text}
		s, err := cfg.resolve()
		if err != nil {
			return
		}
		// What is read can be written, and read again.
		if again, err := (Config{URL: s.String()}).resolve(); s.port != "" && (err != nil || again.addr() != s.addr() || again.vhost != s.vhost || again.user != s.user) {
			t.Errorf("%q became %v, and that %v, %v", text, s, again, err)
		}
	})
}
