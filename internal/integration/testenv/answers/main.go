// Command answers tells whether a server that the tests need is there: it connects the way the tests do, prints one
// line and ends with 1 when the server cannot be used. scripts/services asks it.
package main

import (
	"fmt"
	"os"

	"gitlab.com/pik-pro/backend/toolset/internal/integration/testenv"
)

func main() {
	checks := map[string]func() error{
		"postgres":   testenv.PostgresAnswers,
		"rabbitmq":   testenv.RabbitMQAnswers,
		"management": testenv.ManagementAnswers,
	}
	if len(os.Args) != 2 || checks[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: answers postgres|rabbitmq|management")
		os.Exit(2)
	}
	if err := checks[os.Args[1]](); err != nil {
		fmt.Printf("%-10s %v\n", os.Args[1], err)
		os.Exit(1)
	}
	fmt.Printf("%-10s answers\n", os.Args[1])
}
