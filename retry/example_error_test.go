package retry_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// An Error tells why there was no further attempt; the last error stays in its chain.
func ExampleError() {
	busy := errors.New("503 try later")
	_, err := retry.Do(context.Background(), retry.Policy{MaxWait: time.Minute}, func(context.Context) (int, error) {
		return 0, retry.After(time.Hour, busy)
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, busy))
	if e, ok := errors.AsType[*retry.Error](err); ok {
		fmt.Println(e.Attempts, e.Reason == retry.ReasonHint)
	}
	// Output:
	// retry: 1 attempt (the error asks for a pause that is too long): 503 try later
	// true
	// 1 true
}
