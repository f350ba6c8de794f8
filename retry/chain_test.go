package retry_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"gitlab.com/pik-pro/backend/toolset/retry"
)

// A disguise shows what it hides only through its methods As and Is.
type disguise struct{ hidden error }

func (d disguise) Error() string        { return "disguised" }
func (d disguise) As(target any) bool   { return errors.As(d.hidden, target) }
func (d disguise) Is(target error) bool { return errors.Is(d.hidden, target) }
func (d disguise) wrapped() error       { return fmt.Errorf("x: %w", d) }
func (d disguise) joined(e error) error { return errors.Join(errOther, d, e) }
func asks(d time.Duration) error        { return retry.After(d, errBusy) }
func withheld() error                   { return throttled{0, false} }

// A hinting error has both methods.
type hinting struct {
	throttled
	disguise
}

func (h hinting) Error() string { return "hinting" }

// What an error says is found wherever errors.As would find it, and the first that can ask for a pause decides.
func TestChain(t *testing.T) {
	t.Parallel()
	const s, usual = time.Second, 500 * time.Millisecond
	for name, tt := range map[string]struct {
		err  error
		want time.Duration // of the first pause; less than 0: there is none
	}{
		"no word":                  {errBusy, usual},
		"first of two":             {retry.After(s, asks(2*s)), s},
		"first of joined":          {errors.Join(errOther, asks(3*s), asks(2*s)), 3 * s},
		"withheld before":          {errors.Join(withheld(), asks(2*s)), usual},
		"in a tree":                {errors.Join(errOther, fmt.Errorf("%w, %w", errOther, asks(4*s))), 4 * s},
		"by As":                    {disguise{asks(5 * s)}.wrapped(), 5 * s},
		"by As, before another":    {disguise{asks(6 * s)}.joined(asks(2 * s)), 6 * s},
		"by As, nothing":           {disguise{errOther}.joined(asks(2 * s)), 2 * s},
		"itself before its As":     {hinting{throttled{7 * s, true}, disguise{asks(2 * s)}}, 7 * s},
		"permanent":                {retry.Permanent(errBusy), -1},
		"permanent below a hint":   {retry.After(s, retry.Permanent(errBusy)), -1},
		"permanent among others":   {errors.Join(asks(s), retry.Permanent(errOther)), -1},
		"permanent by As":          {disguise{retry.Permanent(errBusy)}.wrapped(), -1},
		"permanent before by As":   {fmt.Errorf("%w, %w", disguise{retry.Permanent(errBusy)}, disguise{errOther}), -1},
		"an Is that knows nothing": {disguise{errBusy}.wrapped(), usual},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := newCalls(tt.err, nil)
				_, _ = retry.Do(t.Context(), retry.Policy{}, c.fn)
				if tt.want < 0 {
					c.want(t, 0)
				} else {
					c.want(t, 0, tt.want)
				}
			})
		})
	}
}
