package hrm

import (
	"context"
	"database/sql"
	"errors"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/softdelete"
)

// deleteDepartment deletes a department with its people, and tells who went. The lock on the department's row keeps
// others from hiring into it meanwhile.
func (s *Store) deleteDepartment(ctx context.Context, id int64) (gone []Person, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := only(selectAll(ctx, tx, scanDepartment, selectDepartments+` WHERE id = $1`+s.forUpdate, id)); err != nil {
			return err
		}
		gone, err = selectAll(ctx, tx, scanPerson, selectPeople+` WHERE department_id = $1 ORDER BY id`+s.forUpdate, id)
		if err != nil {
			return err
		}
		for _, p := range gone {
			if p.Role == hrmapi.Head {
				return hrmapi.ErrProtected
			}
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM departments WHERE id = $1`, id)
		return err
	})
	return gone, err
}

func (s *Store) deletePerson(ctx context.Context, id int64) (Person, error) {
	return only(selectAll(ctx, s.db, scanPerson, `
		DELETE FROM people WHERE id = $1 RETURNING `+personColumns, id))
}

// restore brings back a row and everything that went with it, and tells which people came.
func (s *Store) restore(ctx context.Context, table string, id int64) (back []Person, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		restored, err := s.twins.Restore(ctx, tx, table, softdelete.Key(id))
		if err != nil {
			return err
		}
		var ids []int64
		for _, key := range restored.Keys("people") {
			ids = append(ids, key[0].(int64))
		}
		back, err = s.peopleByID(ctx, tx, ids)
		return err
	})
	return back, restoreError(err)
}

// restoreError says it in the words of hrm's clients.
func restoreError(err error) error {
	var notFound *softdelete.NotFoundError
	var conflict *softdelete.ConflictError
	var parentGone *softdelete.ParentGoneError
	switch {
	case errors.As(err, &notFound):
		return apierror.NotFound()
	case errors.As(err, &conflict), errors.As(err, &parentGone):
		return hrmapi.ErrRestoreConflict.Wrap(err)
	}
	return err
}
