package eventbustest_test

import (
	"testing"
	"time"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
	"gitlab.com/pik-pro/backend/toolset/eventbus/eventbustest"
	"gitlab.com/pik-pro/backend/toolset/eventbus/memory"
)

func TestMemoryConforms(t *testing.T) {
	t.Parallel()
	server := memory.New()
	eventbustest.Run(t, func(testing.TB) driver.Broker { return server.Connect() }, eventbustest.Features{
		Cut: func(_ testing.TB, b driver.Broker) {
			b.(*memory.Broker).Cut()
			time.AfterFunc(5*time.Millisecond, b.(*memory.Broker).Mend)
		},
	})
}
