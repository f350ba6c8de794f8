package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// All calls to one service share a budget, so that its outage is met with 1.2 attempts for each call and not with 3.
func ExampleBudget() {
	down := errors.New("503")
	policy := retry.Policy{Wait: time.Microsecond, Budget: &retry.Budget{Burst: 10}}
	made := 0
	var err error
	for range 1000 {
		err = retry.Run(context.Background(), policy, func(context.Context) error { made++; return down })
	}
	fmt.Println(made, "attempts")
	e, _ := errors.AsType[*retry.Error](err)
	fmt.Println(e.Reason)
	// Output:
	// 1209 attempts
	// the budget that calls share is spent
}
