package openapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"gitlab.com/pik-pro/backend/toolset/openapi"
)

// A service that stays with huma takes the responses of its routes from the fragments, and its document is still valid.
func TestFragmentsFitHuma(t *testing.T) {
	t.Parallel()
	fragments, err := service(t).Fragments()
	if err != nil {
		t.Fatal(err)
	}
	config := huma.DefaultConfig("HRM", "1.0.0")
	config.CreateHooks = nil // they would add "$schema" to our schemas
	api := humago.New(http.NewServeMux(), config)

	var components struct {
		Schemas   map[string]map[string]any // huma.Schema knows one type for each value only: ours go in as they are
		Responses map[string]*huma.Response
	}
	unmarshal(t, fragments.Components, &components)
	document := api.OpenAPI()
	document.Components.Responses = components.Responses
	for name, schema := range components.Schemas {
		document.Components.Schemas.Map()[name] = &huma.Schema{Extensions: schema}
	}
	for _, fragment := range fragments.Operations {
		huma.Register(api, humaOperation(t, fragment), func(context.Context, *struct {
			ID int `path:"id"`
		}) (*struct{}, error) {
			return nil, nil
		})
	}

	text, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	if err := official(t).Validate(read(t, text)); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`"const":"HRM/EMAIL_TAKEN"`, `"#/components/schemas/Error.HRM.EMAIL_TAKEN"`, `"A person with this email exists."`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("huma's document lacks %s", want)
		}
	}
}

func humaOperation(t *testing.T, fragment openapi.Operation) huma.Operation {
	t.Helper()
	operation := huma.Operation{Method: fragment.Method, Path: fragment.Path}
	unmarshal(t, fragment.Object, &operation)
	operation.Parameters, operation.RequestBody = nil, nil // huma makes these from the types of its handlers
	return operation
}

// unmarshal reads JSON into types of huma, which have tags for YAML.
func unmarshal(t *testing.T, text []byte, into any) {
	t.Helper()
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// official compiles the schema of OpenAPI 3.1.
func official(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := os.ReadFile("testdata/openapi-3.1.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	const id = "https://spec.openapis.org/oas/3.1/schema/2026-08-03"
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(id, read(t, schema)); err != nil {
		t.Fatal(err)
	}
	return compile(t, c, id)
}
