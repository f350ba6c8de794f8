package openapi_test

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"gitlab.com/pik-pro/backend/toolset/apierror"
	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// Another framework serves the route and makes the document; the errors of the route come from here.
func ExampleAPI_Fragments() {
	errs := apierror.NewCatalog("hrm")
	taken := errs.Declare("EMAIL_TAKEN", "A person with this email exists.", apierror.Status(http.StatusConflict))
	api := openapi.New(openapi.Config{Title: "HRM", Version: "1.0.0", Errors: errs})
	api.Describe("PUT /people/{id}/", openapi.Path[int64]("id"), openapi.Fails(taken))

	fragments, err := api.Fragments()
	if err != nil {
		log.Fatal(err)
	}
	for _, operation := range fragments.Operations {
		var object struct {
			Responses map[string]struct{ Description string }
		}
		if err := json.Unmarshal(operation.Object, &object); err != nil {
			log.Fatal(err)
		}
		fmt.Println(operation.Method, operation.Path, object.Responses["409"].Description)
	}
	// Output: PUT /people/{id}/ Conflict: `HRM/EMAIL_TAKEN`
}
