package apiclient_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/apiclient"
	"gitlab.com/pik-pro/backend/toolset/retry"
	"gitlab.com/pik-pro/backend/toolset/serviceauth"
)

func TestUnusableConfigsAreRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*apiclient.Config)
		want   string
		is     error
	}{
		"no URL":      {func(c *apiclient.Config) { c.BaseURL = "" }, `give it as "http://hrm"`, nil},
		"no scheme":   {func(c *apiclient.Config) { c.BaseURL = "hrm:8080" }, "is no URL", nil},
		"no host":     {func(c *apiclient.Config) { c.BaseURL = "http://:80" }, "is no URL", nil},
		"scheme":      {func(c *apiclient.Config) { c.BaseURL = "ftp://hrm" }, "is no URL", nil},
		"broken":      {func(c *apiclient.Config) { c.BaseURL = "http://user:pass-word@h rm" }, "is no URL", nil},
		"query":       {func(c *apiclient.Config) { c.BaseURL = "http://hrm?a=1" }, "query", nil},
		"no secret":   {func(c *apiclient.Config) { c.Secret = "" }, "it is empty", serviceauth.ErrSecret},
		"None":        {func(c *apiclient.Config) { c.Secret = "None" }, `"None"`, serviceauth.ErrSecret},
		"no name":     {func(c *apiclient.Config) { c.Service = "" }, "service name", nil},
		"colon":       {func(c *apiclient.Config) { c.Service = "a:b" }, "service name", nil},
		"policy":      {func(c *apiclient.Config) { c.Retry.Attempts = -1 }, "Config.Retry", &retry.PolicyError{}},
		"Timeout":     {func(c *apiclient.Config) { c.Timeout = -time.Second }, "Config.Timeout", nil},
		"MaxResponse": {func(c *apiclient.Config) { c.MaxResponse = -1 }, "MaxResponse", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config("http://hrm")
			tt.change(&c)
			_, err := apiclient.New(c)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "pass-word") {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
			if policy, ok := tt.is.(*retry.PolicyError); ok && !errors.As(err, &policy) || !ok && tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestFromEnv(t *testing.T) {
	t.Setenv("SERVICE_SECRET", "abc")
	c, err := apiclient.FromEnv()
	if err != nil || c.Secret != "abc" {
		t.Errorf("got %v, %v", c, err)
	}
	t.Setenv("SERVICE_SECRET", "None")
	if _, err := apiclient.FromEnv(); !errors.Is(err, serviceauth.ErrSecret) {
		t.Errorf("got %v", err)
	}
}
