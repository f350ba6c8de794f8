package eventbus

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// Broker is a connection to a message broker. Adapters make one: rabbitmq.Dial, memory.New.
type Broker = driver.Broker

// An Exchange is where a service publishes its events: a durable topic exchange that bears the name of the service.
// Make it with [NewExchange], once, at package level; services that consume import it. It is safe for concurrent use.
type Exchange struct {
	name string

	mu     sync.Mutex
	events []Definition
	errs   []error
	broken atomic.Bool // errs is not empty; spares publishers the lock
}

// A Definition describes a declared event, for documentation.
type Definition struct {
	Exchange string
	Name     string // the routing key
	Summary  string
	Type     reflect.Type    // of the payload
	Schema   json.RawMessage // JSON Schema of the payload, nil unless the codec of the event has one

	Description, Since, Deprecated string // see Docs

	examples func() ([]json.RawMessage, error)
}

// NewExchange returns the exchange of that name. A wrong name is not reported here, so that importing a package that
// declares one can never panic, but by Err and by everything that uses the exchange.
func NewExchange(name string) *Exchange {
	x := &Exchange{name: name}
	switch {
	case name == "":
		x.fail(fmt.Errorf("%w: exchange without a name; name it after its service", ErrDeclaration))
	case len(name) > maxName:
		x.fail(fmt.Errorf("%w: exchange %.40q...: %w", ErrDeclaration, name, ErrNameTooLong))
	}
	return x
}

// Name returns the name that the broker knows.
func (x *Exchange) Name() string { return x.name }

// Events returns the declared events in the order of their declaration.
func (x *Exchange) Events() []Definition {
	x.mu.Lock()
	defer x.mu.Unlock()
	return slices.Clone(x.events)
}

// Err returns what is wrong with the declarations of the exchange and its events, nil when nothing is.
// Every error wraps ErrDeclaration.
func (x *Exchange) Err() error {
	if !x.broken.Load() {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return errors.Join(x.errs...)
}

// add keeps the event, or what is wrong with it.
func (x *Exchange) add(d Definition) {
	var err error
	if d.Name == "" {
		err = fmt.Errorf("%w: exchange %q: event without a name; name it like \"person.created\"", ErrDeclaration, x.name)
	} else if kerr := checkKey(d.Name); kerr != nil {
		err = fmt.Errorf("%w: exchange %q: event %.40q: %w", ErrDeclaration, x.name, d.Name, kerr)
	} else if isPattern(d.Name) {
		err = fmt.Errorf("%w: exchange %q: event %q: * and # are for routes, an event has one key", ErrDeclaration, x.name, d.Name)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err == nil && slices.ContainsFunc(x.events, func(e Definition) bool { return e.Name == d.Name }) {
		err = fmt.Errorf("%w: exchange %q: event %q is declared twice", ErrDeclaration, x.name, d.Name)
	}
	if err != nil {
		x.failLocked(err)
		return
	}
	x.events = append(x.events, d)
}

func (x *Exchange) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failLocked(err)
}

func (x *Exchange) failLocked(err error) {
	x.errs = append(x.errs, err)
	x.broken.Store(true)
}
