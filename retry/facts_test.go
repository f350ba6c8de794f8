package retry_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

//go:embed testdata/retry.json
var recorded []byte

// A fact is what the Python decorators did with a function that fails as script says.
type fact struct {
	Exc      []string
	Script   []string
	Attempts *int
	Wait     *float64 `json:"wait_time_seconds"`
	Backoff  *float64
	Calls    []string
	Sleeps   []float64
	Returned string
	Raised   string
}

// What Go says otherwise, and why.
var otherwise = map[string]string{
	"no_exceptions_given":      "an empty selection means any error",
	"attempts_0":               "0 is the default of 3",
	"attempts_negative":        "refused by name before the first call",
	"backoff_0":                "0 is the default of 2",
	"wait_negative_real_sleep": "refused by name before the first call",
}

// The classes of the recorded exceptions: what wraps another is its subclass.
var classes = func() map[string]error {
	m := map[string]error{"Exception": errors.New("Exception"), "KeyboardInterrupt": errors.New("KeyboardInterrupt")}
	sub := func(name, of string) { m[name] = fmt.Errorf("%s: %w", name, m[of]) }
	sub("ValueError", "Exception")
	sub("LookupError", "Exception")
	sub("KeyError", "LookupError")
	return m
}()

func TestRecordedCalls(t *testing.T) {
	t.Parallel()
	var kinds struct{ Sync, AIO map[string]json.RawMessage }
	if err := json.Unmarshal(recorded, &kinds); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for kind, facts := range map[string]map[string]json.RawMessage{"sync": kinds.Sync, "aio": kinds.AIO} {
		for name, raw := range facts {
			if otherwise[name] != "" {
				continue
			}
			seen++
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				var f fact
				if err := json.Unmarshal(raw, &f); err != nil {
					t.Fatal(err)
				}
				synctest.Test(t, f.replay)
			})
		}
	}
	if seen != 26 {
		t.Errorf("replayed %d recorded cases, want 26", seen)
	}
}

func (f *fact) replay(t *testing.T) {
	policy := retry.Policy{}
	for _, class := range f.Exc {
		policy.On = append(policy.On, retry.Is(classes[class]))
	}
	if f.Attempts != nil {
		policy.Attempts = *f.Attempts
	}
	if f.Backoff != nil {
		policy.Backoff = *f.Backoff
	}
	if f.Wait != nil {
		policy.Wait = seconds(*f.Wait)
		if *f.Wait == 0 {
			policy.Wait = retry.NoWait
		}
	}
	var called []string
	var at []time.Time
	result, err := retry.Do(t.Context(), policy, func(context.Context) (string, error) {
		entry := f.Script[len(called)]
		called, at = append(called, entry), append(at, time.Now())
		if entry == "ok" {
			return "result", nil
		}
		class, text, _ := strings.Cut(entry, ":")
		return "", fmt.Errorf("%s%w", text, classes[class])
	})
	if !reflect.DeepEqual(called, f.Calls) {
		t.Errorf("called %v, want %v", called, f.Calls)
	}
	if result != f.Returned || (err != nil) != (f.Raised != "") {
		t.Errorf("got %q, %v; want %q, %s", result, err, f.Returned, f.Raised)
	}
	if err != nil {
		class, text, _ := strings.Cut(strings.TrimSuffix(f.Raised, "')"), "('")
		if !errors.Is(err, classes[class]) || text != "x" && !strings.Contains(err.Error(), text) {
			t.Errorf("got %v, want %s", err, f.Raised)
		}
	}
	for i := range at[1:] {
		if got, want := at[i+1].Sub(at[i]), seconds(f.Sleeps[i]); got != want {
			t.Errorf("pause %d is %v, want %v", i+1, got, want)
		}
	}
	if !time.Now().Equal(at[len(at)-1]) {
		t.Error("waited after the last attempt")
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
