package serializer_test

import (
	"context"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/serializer"
)

type team struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

type member struct {
	ID     int64  `json:"id"`
	Email  string `json:"email"`
	TeamID int64  `json:"-"`
}

// The input carries keys, the output the objects; either way one lookup serves a whole list.
func Example_related() {
	ctx := context.Background()
	teamsByID := func(_ context.Context, ids []int64) (map[int64]team, error) {
		fmt.Println("looking up teams", ids)
		return map[int64]team{1: {1, "Tools"}, 2: {2, "Web"}}, nil
	}
	emailHolders := func(_ context.Context, emails []string) (map[string]int64, error) {
		return map[string]int64{"ann@b.co": 7}, nil
	}
	teams := serializer.New(func(t *team) serializer.Fields {
		return serializer.Fields{serializer.Field(&t.ID).ReadOnly(), serializer.Field(&t.Name)}
	})
	members := serializer.New(func(m *member) serializer.Fields {
		return serializer.Fields{
			serializer.Field(&m.ID).ReadOnly(),
			serializer.Field(&m.Email).Email().Unique(serializer.Holders(&m.ID, emailHolders)),
			serializer.Related(&m.TeamID, teams, teamsByID).As("team"),
		}
	})

	list, err := members.DecodeList(ctx, []byte(`[{"email": "bob@b.co", "team": 1}, {"email": "eve@b.co", "team": "2"}, {"email": "joe@b.co", "team": 1}]`))
	if err != nil {
		panic(err)
	}
	text, _ := members.Tiny().AppendList(ctx, nil, list[:2])
	fmt.Println(string(text))

	_, err = members.Decode(ctx, []byte(`{"email": "ann@b.co", "team": 9}`))
	fmt.Println(err)
	// Output:
	// looking up teams [1 2]
	// looking up teams [1 2]
	// [{"id":0,"email":"bob@b.co","team":{"id":1,"name":"Tools"}},{"id":0,"email":"eve@b.co","team":{"id":2,"name":"Web"}}]
	// looking up teams [9]
	// invalid input: email: This field must be unique.; team: Invalid pk "9" - object does not exist.
}
