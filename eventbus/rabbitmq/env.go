package rabbitmq

import (
	"fmt"
	"os"
	"strconv"
)

// FromEnv reads the configuration from the environment; a variable that is empty counts as not set.
//
//	RABBITMQ_URL                         amqp://user:password@host:port/vhost, see Config.URL; wins over the next five
//	RABBITMQ_HOST                        localhost
//	RABBITMQ_PORT                        5672
//	RABBITMQ_USER                        guest
//	RABBITMQ_PASSWORD                    guest
//	RABBITMQ_VHOST                       /
//	RABBITMQ_BLOCKED_CONNECTION_TIMEOUT  60, seconds; the query of RABBITMQ_URL wins
//
// An error names the variable and what would be right, and never shows a password.
func FromEnv() (Config, error) { return fromEnv(os.Getenv) }

func fromEnv(get func(string) string) (Config, error) {
	var cfg Config
	if text := get("RABBITMQ_BLOCKED_CONNECTION_TIMEOUT"); text != "" {
		d, err := parseSeconds(text)
		if err != nil {
			return Config{}, fmt.Errorf("rabbitmq: RABBITMQ_BLOCKED_CONNECTION_TIMEOUT is %w", err)
		}
		cfg.BlockedTimeout = d
	}
	if cfg.URL = get("RABBITMQ_URL"); cfg.URL != "" {
		var probe settings
		if err := probe.applyURL(cfg.URL); err != nil {
			return Config{}, fmt.Errorf("rabbitmq: RABBITMQ_URL %w", err)
		}
		return cfg, nil
	}
	cfg.Host, cfg.VHost = get("RABBITMQ_HOST"), get("RABBITMQ_VHOST")
	if !isHost(cfg.Host) {
		return Config{}, fmt.Errorf("rabbitmq: RABBITMQ_HOST is %q: want a name or an address; the port goes to RABBITMQ_PORT", cfg.Host)
	}
	// Each of the two has its own default here, while an empty password beside a user is a password in Config.
	cfg.User, cfg.Password = get("RABBITMQ_USER"), get("RABBITMQ_PASSWORD")
	setDefault(&cfg.User, "guest")
	setDefault(&cfg.Password, "guest")
	if text := get("RABBITMQ_PORT"); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 {
			return Config{}, fmt.Errorf("rabbitmq: RABBITMQ_PORT is %q: want a port from 1 to 65535", text)
		}
		cfg.Port = int(port)
	}
	return cfg, nil
}
