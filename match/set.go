package match

// assign gives each of want patterns an item of its own, out of got, as far as there are any: item[w] is the item of
// pattern w, or -1. No assignment serves more patterns. Each pair is asked for at most once, so the time is polynomial.
func assign(want, got int, holds func(w, g int) bool) (item []int) {
	item = make([]int, want)
	owner := make([]int, got)
	for g := range owner {
		owner[g] = -1
	}
	asked := make([]int8, want*got) // 0 not yet, 1 holds, -1 does not
	fits := func(w, g int) bool {
		answer := &asked[w*got+g]
		if *answer == 0 {
			if *answer = -1; holds(w, g) {
				*answer = 1
			}
		}
		return *answer > 0
	}
	tried := make([]int, got) // by the pattern that tried to take it, counted from 1
	var take func(w, round int) bool
	take = func(w, round int) bool {
		for g := range got {
			if owner[g] < 0 && tried[g] != round && fits(w, g) { // a free one first
				owner[g], item[w] = w, g
				return true
			}
		}
		for g := range got {
			if tried[g] == round || owner[g] < 0 || !fits(w, g) {
				continue
			}
			tried[g] = round
			if take(owner[g], round) {
				owner[g], item[w] = w, g
				return true
			}
		}
		return false
	}
	for w := range want {
		item[w] = -1
		take(w, w+1)
	}
	return item
}
