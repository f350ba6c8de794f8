module gitlab.com/pik-pro/backend/toolset/bench

go 1.26.0

require (
	github.com/avast/retry-go/v5 v5.1.1
	github.com/carlmjohnson/requests v0.23.5
	github.com/cenkalti/backoff/v5 v5.0.3
	github.com/failsafe-go/failsafe-go v0.9.8
	github.com/go-resty/resty/v2 v2.17.2
	github.com/maxatome/go-testdeep v1.16.0
	github.com/onsi/gomega v1.44.0
	github.com/rabbitmq/amqp091-go v1.16.0
	github.com/sethvargo/go-retry v0.5.0
	github.com/stretchr/testify v1.12.1
	gitlab.com/pik-pro/backend/toolset v0.0.0
	gitlab.com/pik-pro/backend/toolset/internal/integration v0.0.0-00010101000000-000000000000
)

require (
	github.com/bits-and-blooms/bitset v1.24.4 // indirect
	github.com/google/go-cmp v0.7.0 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/pgx/v5 v5.12.0 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	go.yaml.in/yaml/v3 v3.0.6 // indirect
	golang.org/x/net v0.61.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/text v0.43.0 // indirect
)

replace gitlab.com/pik-pro/backend/toolset => ..

replace gitlab.com/pik-pro/backend/toolset/internal/integration => ../internal/integration
