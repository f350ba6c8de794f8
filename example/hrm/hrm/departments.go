package hrm

import (
	"net/http"

	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

func (s *service) listDepartments(w http.ResponseWriter, r *http.Request) error {
	all, err := s.store.departments(r.Context())
	if err != nil {
		return err
	}
	return departments.RespondList(w, r, http.StatusOK, all)
}

func (s *service) createDepartment(w http.ResponseWriter, r *http.Request) error {
	d, err := departments.DecodeRequest(r)
	if err != nil {
		return err
	}
	if err := s.store.insertDepartment(r.Context(), &d); err != nil {
		return err
	}
	return departments.Respond(w, r, http.StatusCreated, &d)
}

func (s *service) getDepartment(w http.ResponseWriter, r *http.Request) error {
	d, err := s.store.department(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	return departments.Respond(w, r, http.StatusOK, &d)
}

func (s *service) patchDepartment(w http.ResponseWriter, r *http.Request) error {
	d, err := s.store.department(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	if err := departments.PatchRequest(r, &d); err != nil {
		return err
	}
	if err := s.store.updateDepartment(r.Context(), &d); err != nil {
		return err
	}
	return departments.Respond(w, r, http.StatusOK, &d)
}

func (s *service) deleteDepartment(w http.ResponseWriter, r *http.Request) error {
	gone, err := s.store.deleteDepartment(r.Context(), id.Get(r))
	if err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonDeleted, gone...); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *service) restoreDepartment(w http.ResponseWriter, r *http.Request) error {
	back, err := s.store.restore(r.Context(), "departments", id.Get(r))
	if err != nil {
		return err
	}
	if err := s.publish(r.Context(), hrmapi.PersonUpdated, back...); err != nil {
		return err
	}
	return s.getDepartment(w, r)
}
