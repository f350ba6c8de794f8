package eventbus

import (
	"slices"
	"testing"
	"testing/synctest"

	"gitlab.com/pik-pro/backend/toolset/eventbus/driver"
)

// A ledger is the broker's side of a subscription: what is out and in which state.
type ledger struct {
	t       *testing.T
	epoch   uint64
	out     []uint64 // not settled, ascending
	handled map[uint64]bool
	acks    int
}

func (l *ledger) Ack(tag driver.Tag, multiple bool) error {
	l.acks++
	if tag.Epoch < l.epoch {
		return driver.ErrStale
	}
	i, ok := slices.BinarySearch(l.out, tag.Number)
	if !ok || tag.Epoch > l.epoch {
		l.t.Fatalf("acknowledged %+v, which is not out", tag)
	}
	first := i
	if multiple {
		first = 0
	}
	for _, n := range l.out[first : i+1] {
		if !l.handled[n] {
			l.t.Fatalf("acknowledging %d (multiple: %t) covers %d, which is in hand", tag.Number, multiple, n)
		}
	}
	l.out = slices.Delete(l.out, first, i+1)
	return nil
}

func (l *ledger) Nack(tag driver.Tag, _ bool) error {
	i, _ := slices.BinarySearch(l.out, tag.Number)
	l.out = slices.Delete(l.out, i, i+1)
	return nil
}

// Whatever the order in which messages are done, only what was handled is acknowledged, each once, and at last all of it.
func FuzzAcks(f *testing.F) {
	f.Add([]byte{0, 0, 0, 1, 1, 1})
	f.Add([]byte{0, 0, 0, 0, 5, 1, 2, 1, 3, 1, 4})
	f.Fuzz(func(t *testing.T, steps []byte) {
		synctest.Test(t, func(t *testing.T) { ackInSteps(t, steps) }) // where no timer fires unasked
	})
}

func ackInSteps(t *testing.T, steps []byte) {
	l := &ledger{t: t, epoch: 1, handled: make(map[uint64]bool)}
	a := newAcks(l, 6, func(error) {})
	var last uint64
	var inHand []uint64
	for _, step := range steps {
		switch {
		case step%6 == 0 || len(inHand) == 0:
			last++
			inHand, l.out = append(inHand, last), append(l.out, last)
		case step%6 == 1:
			a.flush()
		case step == 255: // a new link
			l.epoch, l.out, last, inHand = l.epoch+1, nil, 0, nil
			clear(l.handled)
			a.done(driver.Tag{Epoch: l.epoch - 1, Number: 1}) // of the old one
			last++
			l.out, l.handled[1] = []uint64{1}, true
			a.done(driver.Tag{Epoch: l.epoch, Number: 1})
		default:
			i := int(step) / 6 % len(inHand)
			tag := driver.Tag{Epoch: l.epoch, Number: inHand[i]}
			inHand = slices.Delete(inHand, i, i+1)
			if step%6 == 2 {
				_ = l.Nack(tag, false)
				a.refused(tag)
			} else {
				l.handled[tag.Number] = true
				a.done(tag)
			}
		}
		if len(a.settled) > len(inHand)+1 {
			t.Fatalf("%d ranges for %d messages in hand", len(a.settled), len(inHand))
		}
	}
	a.close()
	slices.Sort(inHand)
	if !slices.Equal(l.out, inHand) {
		t.Fatalf("not settled are %v, in hand %v", l.out, inHand)
	}
}

// A hundred messages that are done in order cost two acknowledgements.
func TestAcksAreCumulative(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // where the timer does not fire unasked
		l := &ledger{t: t, epoch: 1, handled: make(map[uint64]bool)}
		a := newAcks(l, 100, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
		for n := uint64(1); n <= 100; n++ {
			l.out, l.handled[n] = append(l.out, n), true
			a.done(driver.Tag{Epoch: 1, Number: n})
		}
		a.close()
		if l.acks != 2 || len(l.out) != 0 {
			t.Errorf("%d acknowledgements, not settled are %v", l.acks, l.out)
		}
	})
}
