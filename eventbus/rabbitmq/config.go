package rabbitmq

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// The defaults of [Config].
const (
	DefaultBlockedTimeout  = 60 * time.Second
	DefaultHeartbeat       = 10 * time.Second
	DefaultWindow          = 1024
	DefaultPublishChannels = 2
)

// A Config says which broker to use and how. The zero value is a broker on this machine with its factory settings:
// guest:guest@localhost:5672, virtual host "/". [Dial] refuses what makes no sense. A Config prints without its password.
type Config struct {
	// URL is amqp://user:password@host:port/vhost, or amqps:// for TLS. It wins over Host, Port, User, Password and VHost,
	// where what it leaves out has the defaults below. Write / ? # @ : in its parts percent-encoded (%2F for the virtual
	// host "/"). Its query may hold blocked_connection_timeout and heartbeat, in seconds, which win over the fields
	// below (heartbeat=0 stands for the default: without heartbeats a dead link goes unnoticed), and cacertfile, certfile,
	// keyfile and server_name_indication for TLS. Other parameters are ignored.
	URL string

	Host     string // "" means localhost
	Port     int    // 0 means 5672, or 5671 with TLS
	User     string // "" means guest
	Password string // "" means guest when User is empty too
	VHost    string // "" means "/"

	// TLS turns TLS on when there is no URL, and refines it for an amqps:// URL. Its ServerName defaults to the host. It
	// is not modified.
	TLS *tls.Config

	// BlockedTimeout is how long Publish waits at most while the broker has publishers blocked (memory or disk alarm)
	// before it fails with driver.ErrBlocked. 0 means 60 s; negative means as long as its context.
	BlockedTimeout time.Duration

	// Window is the number of messages that a publishing channel has on their way, unconfirmed. 0 means 1024.
	Window int

	// PublishChannels is the number of channels that publish, no more than the broker allows on a connection. 0 means 2.
	PublishChannels int

	// Heartbeat is the interval in which a silent link is probed, in whole seconds from 1 s. A dead link is noticed
	// after one and a half times that. 0 means 10 s.
	Heartbeat time.Duration

	// Name is what operators see in the broker's list of connections. "" means the name of the program.
	Name string

	// Logger gets the changes of state. nil means slog.Default(), from level Warn on.
	Logger *slog.Logger
}

// String returns the address of the broker as a URL without the password.
func (c Config) String() string {
	s, err := c.resolve()
	if err != nil {
		return "invalid rabbitmq.Config"
	}
	return s.String()
}

// GoString is String, so that %#v shows no password either.
func (c Config) GoString() string { return "rabbitmq.Config(" + c.String() + ")" }

// LogValue implements slog.LogValuer.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// settings is a Config with everything filled in.
type settings struct {
	host, port     string
	user, password string
	vhost          string
	tls            *tls.Config // nil: none
	blockedTimeout time.Duration
	window         int
	channels       int
	heartbeat      time.Duration
	name           string
	log            *slog.Logger
}

func (s *settings) addr() string { return net.JoinHostPort(s.host, s.port) }

func (s *settings) String() string {
	u := url.URL{Scheme: "amqp", User: url.User(s.user), Host: s.addr()}
	if s.tls != nil {
		u.Scheme = "amqps"
	}
	return u.String() + "/" + url.PathEscape(s.vhost)
}

func (c Config) resolve() (*settings, error) {
	s := &settings{
		host: c.Host, user: c.User, password: c.Password, vhost: c.VHost, tls: c.TLS.Clone(),
		blockedTimeout: c.BlockedTimeout, window: c.Window, channels: c.PublishChannels, heartbeat: c.Heartbeat, name: c.Name,
		log: c.Logger,
	}
	if c.Port != 0 {
		s.port = strconv.Itoa(c.Port)
	}
	if c.URL != "" {
		if err := s.applyURL(c.URL); err != nil {
			return nil, fmt.Errorf("rabbitmq: Config.URL: %w", err)
		}
	}
	if s.user == "" && s.password == "" {
		s.user, s.password = "guest", "guest"
	}
	setDefault(&s.host, "localhost")
	setDefault(&s.vhost, "/")
	if s.tls != nil {
		setDefault(&s.port, "5671")
		setDefault(&s.tls.ServerName, s.host)
	}
	setDefault(&s.port, "5672")
	setDefault(&s.name, filepath.Base(os.Args[0]))
	setDefault(&s.blockedTimeout, DefaultBlockedTimeout)
	setDefault(&s.window, DefaultWindow)
	setDefault(&s.channels, DefaultPublishChannels)
	setDefault(&s.heartbeat, DefaultHeartbeat)
	if s.log == nil {
		s.log = slog.New(fromWarn{slog.Default().Handler()})
	}
	return s, s.check()
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// The channels of a connection are limited by the broker (2047); subscriptions have theirs on the other connection.
const maxPublishChannels = 1000

func (s *settings) check() error {
	if n, err := strconv.ParseUint(s.port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("rabbitmq: Config.Port is %s: want 1 to 65535", s.port)
	}
	if !isHost(s.host) {
		// A URL that was put here by mistake holds a password: the value is not quoted.
		return errors.New("rabbitmq: Config.Host (RABBITMQ_HOST) is no host: want a name or an address; the port goes to Config.Port, a URL to Config.URL")
	}
	if s.user == "" {
		return errors.New("rabbitmq: Config.Password is set and Config.User is not")
	}
	if s.window < 1 || s.window > 65535 {
		return fmt.Errorf("rabbitmq: Config.Window is %d: want 1 to 65535, or 0 for %d", s.window, DefaultWindow)
	}
	if s.channels < 1 || s.channels > maxPublishChannels {
		return fmt.Errorf("rabbitmq: Config.PublishChannels is %d: want 1 to %d, or 0 for %d", s.channels, maxPublishChannels, DefaultPublishChannels)
	}
	if s.heartbeat < time.Second || s.heartbeat > 65535*time.Second || s.heartbeat%time.Second != 0 {
		return fmt.Errorf("rabbitmq: Config.Heartbeat is %v: want whole seconds from 1s to 65535s, or 0 for %v", s.heartbeat, DefaultHeartbeat)
	}
	for _, f := range []struct{ name, value string }{{"VHost", s.vhost}, {"Name", s.name}} {
		if len(f.value) > 255 {
			return fmt.Errorf("rabbitmq: Config.%s has %d bytes: AMQP allows 255", f.name, len(f.value))
		}
	}
	return nil
}

// isHost tells a name or an IPv6 address from a host with a port and from a URL.
func isHost(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil || !strings.ContainsAny(host, ":/@? \t\r\n")
}
