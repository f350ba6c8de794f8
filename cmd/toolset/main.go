// Command toolset is the operator's side of the toolset: it looks through garbage queues, keeps twin tables in order, lists
// the errors of a service and compares what services publish.
//
//	toolset garbage list    -queue mailer:welcome          what could not be handled, one JSON object a line
//	toolset garbage show    -queue mailer:welcome -id ID   with headers and properties
//	toolset garbage replay  -queue mailer:welcome [filters] send it to its main queue again
//	toolset garbage drop    -queue mailer:welcome [filters] delete it
//	toolset softdelete sync    -tables people,departments   the SQL of what is missing; -apply does it
//	toolset softdelete sync    -tables people -out migrations -format goose  the same as a migration, up and down
//	toolset softdelete check   -tables people,departments   list every drift; exit code 1 when there is any
//	toolset softdelete list    -table people [filters]      deleted rows, newest deletion first, one JSON object a line
//	toolset softdelete restore -table people -key 7         put it back with all that went with it
//	toolset softdelete purge   -tables people -before 90d   delete for good
//	toolset errors http://hrm/openapi.json                 the errors that a service's document declares
//	toolset errors openapi.json -format typescript         the same as a union for browser clients; or json
//	toolset events fetch URL                                print the AsyncAPI document of a running service
//	toolset events diff [-json] old.json new.json           what changed, of JSON or YAML; exit code 1 when it breaks somebody
//
// The last line of replay and drop says what was done, what is left, and the ids of messages whose outcome is not known, which
// happens when the link breaks or an interrupted replay gets no answer within a second: they may be in both queues.
//
// The broker is the one that RABBITMQ_* name, the database the PostgreSQL, or SQLite file, of DATABASE_URL. Exit codes: 0
// done, 1 failed, drift or a breaking change found, 2 wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// errUsage means that the command line was wrong and has been told so.
var errUsage = errors.New("wrong usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "toolset:", err)
		os.Exit(1)
	}
}

const usage = `usage: toolset COMMAND [flags]

  garbage list|show|replay|drop -queue QUEUE [-id ID] [-error TEXT] [-key PATTERN] [-older DURATION] [-newer DURATION] [-dry-run]
  softdelete sync -tables TABLE,TABLE [-apply | -out DIR -format goose|golang-migrate|atlas [-name NAME]]
  softdelete check -tables TABLE,TABLE [-json] [-allow KIND,KIND]
  softdelete list -table TABLE [-key KEY] [-deletion ID] [-since TIME] [-before TIME] [-went-with TABLE=KEY] [-limit N]
  softdelete restore -table TABLE FILTERS AS ABOVE [-row-only] [-on-conflict fail|skip|overwrite] [-dry-run]
  softdelete purge -tables TABLE,TABLE -before TIME [-batch N] [-dry-run]
  errors URL|FILE [-format table|json|typescript]
  events fetch URL
  events diff [-json] OLD.json NEW.json

RABBITMQ_HOST and its siblings, or RABBITMQ_URL, name the broker; DATABASE_URL names the database.
`

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) >= 2 {
		switch args[0] {
		case "garbage":
			return garbage(ctx, args[1], args[2:], stdout, stderr)
		case "softdelete":
			return softDelete(ctx, args[1], args[2:], stdout, stderr)
		case "events":
			return events(ctx, args[1], args[2:], stdout, stderr)
		}
	}
	if len(args) >= 1 && args[0] == "errors" {
		return serviceErrors(ctx, args[1:], stdout, stderr)
	}
	fmt.Fprint(stderr, usage)
	if len(args) == 1 && (args[0] == "help" || args[0] == "-h" || args[0] == "--help") {
		return nil
	}
	return errUsage
}

// parse reads the flags of a command; its mistakes have been printed when it returns errUsage.
func parse(fs *flag.FlagSet, args []string, stderr io.Writer) error {
	fs.SetOutput(stderr)
	if err := fs.Parse(args); err != nil {
		return errUsage
	}
	if fs.NArg() > 0 {
		return misused(stderr, "unexpected argument %q", fs.Arg(0))
	}
	return nil
}

func misused(stderr io.Writer, format string, args ...any) error {
	fmt.Fprintf(stderr, "toolset: "+format+"\n\n%s", append(args, usage)...)
	return errUsage
}
