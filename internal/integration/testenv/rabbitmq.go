package testenv

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"testing"
	"time"
)

// A VHost is a RabbitMQ virtual host that belongs to one test.
type VHost struct {
	Name           string
	Host, Port     string
	User, Password string

	management string
}

// RabbitMQ creates a virtual host for this test and removes it, with everything in it, when the test ends.
func RabbitMQ(t testing.TB) *VHost {
	t.Helper()
	v := rabbitFromEnv()
	v.Name = uniqueName(t)
	if err := v.call(http.MethodGet, "/api/overview", nil, nil); err != nil {
		Missing(t, "no RabbitMQ management API: %v", err)
	}
	vhost := "/api/vhosts/" + url.PathEscape(v.Name)
	if err := v.call(http.MethodPut, vhost, map[string]any{}, nil); err != nil {
		t.Fatalf("create a vhost for the test: %v", err)
	}
	t.Cleanup(func() {
		if err := v.call(http.MethodDelete, vhost, nil, nil); err != nil {
			t.Errorf("remove the vhost of the test: %v", err)
		}
	})
	rights := map[string]string{"configure": ".*", "write": ".*", "read": ".*"}
	path := "/api/permissions/" + url.PathEscape(v.Name) + "/" + url.PathEscape(v.User)
	if err := v.call(http.MethodPut, path, rights, nil); err != nil {
		t.Fatalf("grant rights on the vhost of the test: %v", err)
	}
	return v
}

func rabbitFromEnv() *VHost {
	v := &VHost{
		Host:     env("RABBITMQ_HOST", "127.0.0.1"),
		Port:     env("RABBITMQ_PORT", "5672"),
		User:     env("RABBITMQ_USER", "guest"),
		Password: env("RABBITMQ_PASSWORD", "guest"),
	}
	v.management = env("RABBITMQ_MANAGEMENT_URL", "http://"+net.JoinHostPort(v.Host, "15672"))
	return v
}

// URL is what an AMQP client dials.
func (v *VHost) URL() string { return v.server(v.Name) }

func (v *VHost) server(vhost string) string {
	u := url.URL{Scheme: "amqp", User: url.UserPassword(v.User, v.Password), Host: net.JoinHostPort(v.Host, v.Port)}
	return u.String() + "/" + url.PathEscape(vhost)
}

// Env is the environment that points a service at the virtual host, as the toolset reads it.
func (v *VHost) Env() map[string]string {
	return map[string]string{
		"RABBITMQ_HOST": v.Host, "RABBITMQ_PORT": v.Port, "RABBITMQ_USER": v.User, "RABBITMQ_PASSWORD": v.Password,
		"RABBITMQ_VHOST": v.Name,
	}
}

// Get asks the management API, for example Get(t, "/api/queues/{vhost}/orders", &q). "{vhost}" stands for this one.
func (v *VHost) Get(t testing.TB, path string, into any) {
	t.Helper()
	if err := v.Call(http.MethodGet, path, nil, into); err != nil {
		t.Fatal(err)
	}
}

// Call sends a request to the management API; see Get.
func (v *VHost) Call(method, path string, body, into any) error {
	path = string(bytes.ReplaceAll([]byte(path), []byte("{vhost}"), []byte(url.PathEscape(v.Name))))
	return v.call(method, path, body, into)
}

var client = &http.Client{Timeout: 20 * time.Second}

func (v *VHost) call(method, path string, body, into any) error {
	var payload io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		payload = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, v.management+path, payload)
	if err != nil {
		return err
	}
	req.SetBasicAuth(v.User, v.Password)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, bytes.TrimSpace(text))
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}
