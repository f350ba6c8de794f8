// Package retry calls a function again when it fails.
//
//	var policy = retry.Policy{
//		Attempts: 5, Wait: 200 * time.Millisecond, MaxWait: 5 * time.Second, Jitter: 1,
//		On: []retry.Match{retry.Is(errBusy, syscall.ECONNRESET), retry.As[*net.OpError]()},
//	}
//	user, err := retry.Do(ctx, policy, func(ctx context.Context) (User, error) { return load(ctx, id) })
//
// # Guarantees
//
//   - A [Policy] is a plain value without hidden state: one policy serves any number of goroutines at once, and its zero
//     value is useful (3 attempts, 0.5 s before the second, doubled before each one after it).
//   - The function is never called with a context that has ended, and nothing is waited for that cannot lead to a call:
//     there is no pause after the last attempt, and none that would end beyond MaxElapsed or the context's deadline.
//   - A call whose first attempt succeeds allocates nothing, reads no clock (unless the policy bounds time) and starts
//     no timer; a zero pause starts none either.
//   - A pause ends at once when the context does. No goroutine is started.
//   - A [Budget] that calls share keeps an outage from being multiplied by the attempts of all its victims.
//   - The outcome is always the last one: a failure is an [*Error] around the error of the last attempt, whose chain
//     also holds the context's error and its cause where the context was the reason. One attempt that failed on
//     something that is not retried returns that very error.
//
// # What is retried
//
// With nothing in On, every error but those that Except excludes, those marked with [Permanent] and the context's own
// (context.Canceled and context.DeadlineExceeded). A network time-out is retried: it answers to
// errors.Is(err, context.DeadlineExceeded), but it is not that error. So is an attempt that ran into the policy's own
// AttemptTimeout.
//
// A loop that is no function becomes one: the body is a function literal that closes over what it needs. There is no
// iterator form, since an error that is shadowed inside a loop body would pass for success. A select loop that cannot
// hand over control asks [Policy.Pause] how long to wait.
package retry
