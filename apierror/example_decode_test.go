package apierror_test

import (
	"errors"
	"fmt"

	"gitlab.com/pik-pro/backend/toolset/apierror"
)

func ExampleDecode() {
	err := apierror.Decode(409, nil, []byte(`{"code": 409, "detail": {"email": ["taken"]}, "error_code": "HRM/EMAIL_TAKEN"}`))
	fmt.Println(errors.Is(err, ErrEmailTaken), errors.Is(err, ErrProtected))

	var p *apierror.Proxy
	if errors.As(err, &p) {
		fmt.Println(p.Status, p.Code, string(p.Detail))
	}
	// Output:
	// true false
	// 409 HRM/EMAIL_TAKEN {"email": ["taken"]}
}
