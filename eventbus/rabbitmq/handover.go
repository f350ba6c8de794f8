package rabbitmq

import "gitlab.com/pik-pro/backend/toolset/eventbus/driver"

// take hands a delivery over without waiting: the whole connection is read by who calls it. What comes before its tag can be
// acknowledged, and what there is no room for, waits behind. There is room for what the prefetch allows.
func (s *subscription) take(st *stretch, d driver.Delivery) {
	d.Tag.Epoch = st.number
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.finished || st.left {
		return
	}
	if s.now == st && len(st.behind) == 0 {
		select {
		case s.out <- d:
			return
		default:
		}
	}
	st.behind = append(st.behind, d)
	select {
	case st.more <- struct{}{}:
	default:
	}
}

// forward hands over what is left behind, until the stretch or the subscription ends; the reason is nil for the latter.
func (s *subscription) forward(st *stretch) (reason error) {
	for {
		first, some := s.behind(st)
		out, consumer := s.out, st.consumer
		if some {
			consumer = nil // its end came later
		} else {
			out = nil
		}
		select {
		case out <- first:
			s.passed(st)
		case <-st.more:
		case <-consumer:
			if _, some = s.behind(st); !some {
				return s.whyEnded(st)
			}
		case err := <-st.closes:
			return lostChannel(err)
		case <-s.ctx.Done():
			return s.linger(st)
		}
	}
}

func (s *subscription) behind(st *stretch) (first driver.Delivery, some bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(st.behind) == 0 {
		return first, false
	}
	return st.behind[0], true
}

// passed drops the first of what is behind. Until then nothing overtakes it.
func (s *subscription) passed(st *stretch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st.behind[0] = driver.Delivery{}
	if st.behind = st.behind[1:]; len(st.behind) == 0 {
		st.behind = nil
	}
}
