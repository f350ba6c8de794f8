package testenv

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// PostgresAnswers connects to the PostgreSQL that the tests use.
func PostgresAnswers() error {
	server := postgresURL()
	u, err := url.Parse(server)
	if err != nil {
		return errNoURL
	}
	db, err := sql.Open("pgx", server)
	if err != nil {
		return errNoURL
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("no PostgreSQL that can be used at %s: %v", u.Host, oneLine(err))
	}
	return nil
}

// errNoURL does not quote the text, which may hold a password.
var errNoURL = errors.New("DATABASE_URL cannot be read: it wants the form postgres://user:password@host:5432/db")

// RabbitMQAnswers connects to the RabbitMQ that the tests use.
func RabbitMQAnswers() error {
	v := rabbitFromEnv()
	conn, err := amqp.DialConfig(v.server("/"), amqp.Config{Dial: amqp.DefaultDial(5 * time.Second)})
	if err != nil {
		return fmt.Errorf("no RabbitMQ that can be used at %s: %v", net.JoinHostPort(v.Host, v.Port), oneLine(err))
	}
	return conn.Close()
}

// ManagementAnswers asks the management API of the RabbitMQ that the tests use.
func ManagementAnswers() error {
	if err := rabbitFromEnv().call("GET", "/api/overview", nil, nil); err != nil {
		return fmt.Errorf("no management API: %v", oneLine(err))
	}
	return nil
}

// oneLine folds the text of an error that lists several tries.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }
