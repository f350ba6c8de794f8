module gitlab.com/pik-pro/backend/toolset/bench

go 1.26

require (
	github.com/rabbitmq/amqp091-go v1.16.0
	gitlab.com/pik-pro/backend/toolset v0.0.0
)

replace gitlab.com/pik-pro/backend/toolset => ..

replace gitlab.com/pik-pro/backend/toolset/internal/integration => ../internal/integration
