package serviceauth

import (
	"errors"
	"fmt"
	"strings"
)

// Header is the name of the request header that proves who calls. Its value is <secret>:<service>; the last colon splits.
const Header = "X-SERVICE-SECRET"

// ErrSecret reports a secret that is missing or cannot be used. It comes wrapped, without the secret.
var ErrSecret = errors.New("no usable service secret")

// Credential returns the value of [Header] with which the named service calls others. It returns an error that wraps
// [ErrSecret] for a secret that cannot be used, and another for a name that is empty or contains a colon, a space or a
// control character.
func Credential(secret, service string) (string, error) {
	if err := checkSecret(secret); err != nil {
		return "", fmt.Errorf("serviceauth: %w", err)
	}
	if err := checkService(service); err != nil {
		return "", fmt.Errorf("serviceauth: %w", err)
	}
	return secret + ":" + service, nil
}

func checkSecret(secret string) error {
	var why string
	switch {
	case secret == "":
		why = "it is empty"
	case secret == "None":
		why = `it is "None", which services without a secret send`
	case strings.TrimSpace(secret) != secret:
		why = "it begins or ends with a space or a line break"
	case strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r == 0x7f }):
		why = "it contains a control character"
	default:
		return nil
	}
	return fmt.Errorf("%w: %s", ErrSecret, why)
}

func checkService(name string) error {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r == ':' || r == 0x7f }) {
		return fmt.Errorf("the service name %q cannot be sent: give the name of the calling service, without colons and spaces", name)
	}
	return nil
}
