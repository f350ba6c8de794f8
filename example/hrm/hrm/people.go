package hrm

import (
	"context"
	"net/http"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

func (s *service) listPeople(w http.ResponseWriter, r *http.Request) error {
	people, err := s.store.people(r.Context(), inDepartments.Get(r))
	if err != nil {
		return err
	}
	return s.tiny.RespondList(w, r, http.StatusOK, people)
}

func (s *service) createPerson(w http.ResponseWriter, r *http.Request) error {
	p, err := s.people.DecodeRequest(r) // every field error at once
	if err != nil {
		return err
	}
	if err := s.store.insertPerson(r.Context(), &p); err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonCreated, p); err != nil {
		return err
	}
	return s.tiny.Respond(w, r, http.StatusCreated, &p)
}

func (s *service) getPerson(w http.ResponseWriter, r *http.Request) error {
	p, err := s.store.person(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	return s.tiny.Respond(w, r, http.StatusOK, &p)
}

func (s *service) patchPerson(w http.ResponseWriter, r *http.Request) error {
	before, err := s.store.person(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	p := before
	if err := s.people.PatchRequest(r, &p); err != nil { // what is absent stays
		return err
	}
	if err := s.store.updatePerson(r.Context(), before, &p); err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonUpdated, p); err != nil {
		return err
	}
	return s.tiny.Respond(w, r, http.StatusOK, &p)
}

func (s *service) deletePerson(w http.ResponseWriter, r *http.Request) error {
	p, err := s.store.deletePerson(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonDeleted, p); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *service) restorePerson(w http.ResponseWriter, r *http.Request) error {
	back, err := s.store.restore(r.Context(), "people", id.Get(r))
	if err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonUpdated, back...); err != nil {
		return err
	}
	return s.getPerson(w, r)
}

// publish sends the event once for each of the people; nil means that the broker has confirmed all of it.
func (s *service) publish(ctx context.Context, event *eventbus.Event[hrmapi.PersonPayload], people ...Person) error {
	messages := make([]eventbus.Message, len(people))
	for i, p := range people {
		messages[i] = event.Message(payload(p))
	}
	return s.bus.Publish(ctx, messages...)
}
