package hrm

import (
	"gitlab.com/pik-pro/backend/toolset/example/hrm/hrmapi"
	"gitlab.com/pik-pro/backend/toolset/serializer"
)

var departments = serializer.New(func(d *Department) serializer.Fields {
	return serializer.Fields{
		serializer.Field(&d.ID).ReadOnly(),
		serializer.Field(&d.Name).MaxLength(100),
	}
})

func newPeople(s *Store) *serializer.Of[Person] {
	return serializer.New(func(p *Person) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&p.ID).ReadOnly(),
			serializer.Field(&p.CreatedAt).ReadOnly(),
			serializer.Field(&p.Name).MaxLength(200),
			serializer.Field(&p.Email).Email().MaxLength(254).Unique(serializer.Holders(&p.ID, s.emailHolders)),
			serializer.Field(&p.Role).Choices(hrmapi.Engineer, hrmapi.Head).Default(hrmapi.Engineer),
			serializer.Field(&p.Salary).Decimal(10, 2),
			serializer.Related(&p.DepartmentID, departments, s.departmentsByID).As("department"),
		}
	})
}
