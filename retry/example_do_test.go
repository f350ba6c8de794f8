package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// A policy is declared once and used by everyone.
func Example() {
	locked := errors.New("database is locked")
	policy := retry.Policy{
		Attempts: 5,
		Wait:     time.Millisecond,
		Jitter:   1,
		On:       []retry.Match{retry.Is(locked)},
		BeforeWait: func(_ context.Context, f retry.Failure) {
			fmt.Printf("attempt %d: %v\n", f.Attempt, f.Err)
		},
	}
	tries := 0
	name, err := retry.Do(context.Background(), policy, func(context.Context) (string, error) {
		if tries++; tries < 3 {
			return "", locked
		}
		return "Ann", nil
	})
	fmt.Println(name, err)
	// Output:
	// attempt 1: database is locked
	// attempt 2: database is locked
	// Ann <nil>
}
