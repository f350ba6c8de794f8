package rabbitmq_test

import (
	"net"
	"sync"
	"testing"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/eventbustest"
	"gitlab.com/pik-pro/backend/toolset/eventbus/rabbitmq"
	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

// Every broker of the suite has a proxy of its own, so that a test cuts only what is its.
func TestConformance(t *testing.T) {
	t.Parallel()
	v := testenv.RabbitMQ(t)
	var proxies sync.Map
	open := func(t testing.TB) driver.Broker {
		t.Helper()
		p := newProxy(t, net.JoinHostPort(v.Host, v.Port))
		b := dialThrough(t, v, p, rabbitmq.Config{})
		proxies.Store(b, p)
		return b
	}
	eventbustest.Run(t, open, eventbustest.Features{Cut: func(t testing.TB, b driver.Broker) {
		t.Helper()
		p, _ := proxies.Load(b)
		p.(*proxy).cut()
	}})
}
