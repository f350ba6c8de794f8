package retry_test

import (
	"fmt"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// A select loop that must stay in control asks how long to wait and starts its own timer.
func ExamplePolicy_Pause() {
	policy := retry.Policy{Wait: 200 * time.Millisecond, MaxWait: time.Second}
	for failures := 1; failures <= 5; failures++ { // back to 0 after a success
		fmt.Println(policy.Pause(failures))
	}
	// Output:
	// 200ms
	// 400ms
	// 800ms
	// 1s
	// 1s
}
