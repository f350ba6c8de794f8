package rabbitmq

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// errURL never shows the URL: it may hold a password, and where it ends is unclear in a URL that cannot be read.
var errURL = errors.New("cannot be read: want amqp://user:password@host:5672/vhost, with / ? # @ : in its parts percent-encoded")

// applyURL replaces the address and the credentials by those of the URL.
func (s *settings) applyURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" || u.Fragment != "" {
		return errURL
	}
	switch u.Scheme {
	case "amqp":
		if s.tls != nil {
			return errors.New("says amqp:// and Config.TLS is set: write amqps:// for TLS")
		}
	case "amqps":
		if s.tls == nil {
			s.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		}
	default:
		return fmt.Errorf("has the scheme %q: want amqp or amqps", u.Scheme)
	}
	s.host, s.port = u.Hostname(), u.Port()
	s.user = u.User.Username()
	s.password, _ = u.User.Password()
	if s.vhost, err = vhostOf(u); err != nil {
		return err
	}
	return s.applyQuery(u)
}

// vhostOf reads the path: nothing or "/" is the default, "/name" is name. The virtual host "/" is written "/%2F".
func vhostOf(u *url.URL) (string, error) {
	path := strings.TrimPrefix(u.EscapedPath(), "/")
	if strings.Contains(path, "/") {
		return "", errors.New("has a path of several parts: a / in the name of a virtual host is written %2F")
	}
	vhost, err := url.PathUnescape(path)
	if err != nil {
		return "", errURL
	}
	return vhost, nil
}

func (s *settings) applyQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("has a query that cannot be read")
	}
	const blocked, heartbeat = "blocked_connection_timeout", "heartbeat"
	if query.Has(blocked) {
		if s.blockedTimeout, err = parseSeconds(query.Get(blocked)); err != nil {
			return fmt.Errorf("has %s=%w", blocked, err)
		}
	}
	if query.Has(heartbeat) {
		n, err := strconv.ParseUint(query.Get(heartbeat), 10, 16)
		if err != nil {
			return fmt.Errorf("has %s=%q: want whole seconds up to 65535", heartbeat, query.Get(heartbeat))
		}
		s.heartbeat = time.Duration(n) * time.Second
	}
	if s.tls == nil {
		return nil
	}
	return s.applyTLSFiles(query)
}

func (s *settings) applyTLSFiles(query url.Values) error {
	if name := query.Get("server_name_indication"); name != "" {
		s.tls.ServerName = name
	}
	if file := query.Get("cacertfile"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("has a cacertfile that cannot be read: %w", err)
		}
		s.tls.RootCAs = x509.NewCertPool()
		if !s.tls.RootCAs.AppendCertsFromPEM(pem) {
			return fmt.Errorf("has the cacertfile %s, which holds no PEM certificate", file)
		}
	}
	cert, key := query.Get("certfile"), query.Get("keyfile")
	if cert == "" && key == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return fmt.Errorf("has a certfile and keyfile that cannot be used: %w", err)
	}
	s.tls.Certificates = []tls.Certificate{pair}
	return nil
}

// parseSeconds reads a positive decimal number of seconds, as Python peers write it: "60" or "2.5".
func parseSeconds(text string) (time.Duration, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	d := time.Duration(n * float64(time.Second))
	if err != nil || !(n > 0 && n <= 1e9) || d <= 0 {
		return 0, fmt.Errorf("%q: want a number of seconds greater than 0, such as 60", text)
	}
	return d, nil
}
