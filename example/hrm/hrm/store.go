package hrm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
)

// queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// selectAll collects the rows of a query.
func selectAll[T any](ctx context.Context, q queryer, scan func(*T) []any, query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := []T{}
	for rows.Next() {
		var v T
		if err := rows.Scan(scan(&v)...); err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// only returns the one row that a query has found, or 404.
func only[T any](found []T, err error) (T, error) {
	if err == nil && len(found) == 0 {
		err = apierror.NotFound()
	}
	if err != nil {
		var none T
		return none, err
	}
	return found[0], nil
}

// in is the condition "column is one of values" and its arguments.
func in[V any](column string, values []V) (string, []any) {
	if len(values) == 0 {
		return "1 = 0", nil
	}
	marks, args := make([]string, len(values)), make([]any, len(values))
	for i, v := range values {
		marks[i], args[i] = fmt.Sprintf("$%d", i+1), v
	}
	return column + " IN (" + strings.Join(marks, ", ") + ")", args
}

const selectDepartments = `SELECT id, name FROM departments`

func scanDepartment(d *Department) []any { return []any{&d.ID, &d.Name} }

func (s *Store) departments(ctx context.Context) ([]Department, error) {
	return selectAll(ctx, s.db, scanDepartment, selectDepartments+` ORDER BY id`)
}

func (s *Store) department(ctx context.Context, id int64) (Department, error) {
	return only(selectAll(ctx, s.db, scanDepartment, selectDepartments+` WHERE id = $1`, id))
}

// departmentsByID is one lookup for all departments that a list of people needs.
func (s *Store) departmentsByID(ctx context.Context, ids []int64) (map[int64]Department, error) {
	where, args := in("id", ids)
	found, err := selectAll(ctx, s.db, scanDepartment, selectDepartments+` WHERE `+where, args...)
	byID := make(map[int64]Department, len(found))
	for _, d := range found {
		byID[d.ID] = d
	}
	return byID, err
}

func (s *Store) insertDepartment(ctx context.Context, d *Department) error {
	return s.db.QueryRowContext(ctx, `INSERT INTO departments (name) VALUES ($1) RETURNING id`, d.Name).Scan(&d.ID)
}

func (s *Store) updateDepartment(ctx context.Context, d *Department) error {
	err := s.db.QueryRowContext(ctx, `UPDATE departments SET name = $2 WHERE id = $1 RETURNING id`, d.ID, d.Name).Scan(&d.ID)
	return notFoundIfNone(err)
}

const (
	personColumns = `id, created_at, name, email, role, salary, department_id`
	selectPeople  = `SELECT ` + personColumns + ` FROM people`
)

func scanPerson(p *Person) []any {
	return []any{&p.ID, &p.CreatedAt, &p.Name, &p.Email, &p.Role, &p.Salary, &p.DepartmentID}
}

// people lists everybody, or who works in one of the departments.
func (s *Store) people(ctx context.Context, departments []int64) ([]Person, error) {
	if len(departments) == 0 {
		return selectAll(ctx, s.db, scanPerson, selectPeople+` ORDER BY id`)
	}
	where, args := in("department_id", departments)
	return selectAll(ctx, s.db, scanPerson, selectPeople+` WHERE `+where+` ORDER BY id`, args...)
}

// peopleByID asks for a thousand at a time: databases limit the number of arguments.
func (s *Store) peopleByID(ctx context.Context, q queryer, ids []int64) ([]Person, error) {
	var all []Person
	for some := range slices.Chunk(ids, 1000) {
		where, args := in("id", some)
		found, err := selectAll(ctx, q, scanPerson, selectPeople+` WHERE `+where+` ORDER BY id`, args...)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

func (s *Store) person(ctx context.Context, id int64) (Person, error) {
	return only(s.peopleByID(ctx, s.db, []int64{id}))
}

// emailHolders tells who holds which of the addresses.
func (s *Store) emailHolders(ctx context.Context, emails []string) (map[string]int64, error) {
	where, args := in("email", emails)
	found, err := selectAll(ctx, s.db, scanPerson, selectPeople+` WHERE `+where, args...)
	holders := make(map[string]int64, len(found))
	for _, p := range found {
		holders[p.Email] = p.ID
	}
	return holders, err
}

func (s *Store) insertPerson(ctx context.Context, p *Person) error {
	inserted, err := only(selectAll(ctx, s.db, scanPerson, `
		INSERT INTO people (name, email, role, salary, department_id) VALUES ($1, $2, $3, $4, $5)
		RETURNING `+personColumns, p.Name, p.Email, p.Role, p.Salary, p.DepartmentID))
	if err != nil {
		return lostRace(err, p.DepartmentID)
	}
	*p = inserted
	return nil
}

// updatePerson writes the fields in which now differs from before, so that what other requests change in other fields
// meanwhile stays. It reads back what the row is then.
func (s *Store) updatePerson(ctx context.Context, before Person, now *Person) error {
	set, args := []string{"id = $1"}, []any{now.ID}
	change := func(column string, from, to any) {
		if from != to {
			args = append(args, to)
			set = append(set, fmt.Sprintf("%s = $%d", column, len(args)))
		}
	}
	change("name", before.Name, now.Name)
	change("email", before.Email, now.Email)
	change("role", before.Role, now.Role)
	change("salary", before.Salary, now.Salary)
	change("department_id", before.DepartmentID, now.DepartmentID)
	found, err := only(selectAll(ctx, s.db, scanPerson,
		`UPDATE people SET `+strings.Join(set, ", ")+` WHERE id = $1 RETURNING `+personColumns, args...))
	if err != nil {
		return lostRace(err, now.DepartmentID)
	}
	*now = found
	return nil
}

func notFoundIfNone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return apierror.NotFound()
	}
	return err
}

// lostRace names what another request has done between our checks and our write.
func lostRace(err error, department int64) error {
	switch {
	case isDuplicate(err):
		return hrmapi.ErrEmailTaken.Wrap(err)
	case isOrphan(err):
		var fields apierror.Fields
		fields.Add("department", fmt.Sprintf(`Invalid pk "%d" - object does not exist.`, department))
		return fields.Err()
	}
	return err
}
