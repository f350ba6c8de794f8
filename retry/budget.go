package retry

import (
	"fmt"
	"math"
	"sync/atomic"
)

// A Budget bounds the second and further attempts of all calls that share it, by [Policy.Budget], to a share of the
// number of calls. Without one, an outage is made worse by its victims: with three attempts each, a service that is down
// gets three times the calls that it could not serve already.
//
// Each [Do] earns the share Ratio of an attempt, each attempt after the first costs one, and up to Burst of them are saved
// for a bad moment; one that the end of the context prevents is given back. When nothing is left, Do gives up with
// [ReasonBudget] in place of the pause. No clock is involved: who calls seldom earns slowly.
//
// The zero value is full and ready to use. A Budget is safe for concurrent use, must not be copied after its first use, and
// costs nothing that callers could wait for: a full one is only read. Its fields must not be changed while it is in use.
type Budget struct {
	// Ratio is how many further attempts a call earns. 0 means 0.2, at which an outage that lasts makes 1.2 attempts of
	// each call, as the retry budgets of Finagle and Linkerd have it.
	Ratio float64

	// Burst is how many further attempts can be saved, and how many there are at the start. 0 means 100, which is what
	// those two grant in their period of 10 seconds to a caller without traffic.
	Burst int

	spent atomic.Int64 // of Burst, in millionths of an attempt
}

const (
	defaultRatio = 0.2
	defaultBurst = 100

	attemptCost = 1_000_000 // millionths
	endless     = 1 << 40   // attempts; the sums of a larger Burst would not fit
)

// Left returns how many further attempts the budget would pay for at this moment, for metrics.
func (b *Budget) Left() int {
	return int((b.limit() - b.spent.Load()) / attemptCost)
}

// earn books the first attempt of a call.
func (b *Budget) earn() {
	for {
		spent := b.spent.Load()
		if spent == 0 || b.spent.CompareAndSwap(spent, max(0, spent-b.share())) {
			return
		}
	}
}

// pay books a further attempt, and is false when the budget has none left.
func (b *Budget) pay() bool {
	for {
		spent := b.spent.Load()
		if spent+attemptCost > b.limit() {
			return false
		}
		if b.spent.CompareAndSwap(spent, spent+attemptCost) {
			return true
		}
	}
}

// refund takes back a pay, when no further attempt was made.
func (b *Budget) refund() {
	for {
		spent := b.spent.Load()
		if b.spent.CompareAndSwap(spent, max(0, spent-attemptCost)) {
			return
		}
	}
}

func (b *Budget) limit() int64 {
	if b.Burst == 0 {
		return defaultBurst * attemptCost
	}
	return min(int64(b.Burst), endless) * attemptCost
}

func (b *Budget) share() int64 {
	if b.Ratio == 0 {
		return defaultRatio * attemptCost
	}
	return int64(math.Ceil(min(b.Ratio*attemptCost, float64(b.limit()))))
}

func (b *Budget) check() error {
	switch {
	case !(b.Ratio >= 0 && b.Ratio <= math.MaxFloat64):
		return &PolicyError{"Budget.Ratio", fmt.Sprintf("is %v: want a positive number, or 0 for the default of %v", b.Ratio, defaultRatio)}
	case b.Burst < 0:
		return &PolicyError{"Budget.Burst", fmt.Sprintf("is %d: want 1 or more, or 0 for the default of %d", b.Burst, defaultBurst)}
	}
	return nil
}
