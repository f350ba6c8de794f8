package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// catalog is what a document tells of errors.
type catalog struct {
	Title, Version string
	Errors         []declaredError
	schemas        map[string]json.RawMessage
}

// declaredError is one error of a document. Status is 0 for the one that stands for all errors without a code of their own.
type declaredError struct {
	Status       int             `json:"status,omitempty"`
	Code         string          `json:"error_code"`
	Text         string          `json:"text,omitempty"`
	Detail       json.RawMessage `json:"detail,omitempty"`        // that is sent by default
	DetailSchema json.RawMessage `json:"detail_schema,omitempty"` // where the declaration brings one
	Routes       []string        `json:"routes"`
}

// errorSchema is the schema of an error, as package openapi makes it.
type errorSchema struct {
	Description string
	Properties  struct {
		Code      struct{ Const int }
		ErrorCode struct{ Const string } `json:"error_code"`
		Detail    json.RawMessage
	}
	Examples []struct{ Detail json.RawMessage }
}

type pathItem map[string]json.RawMessage // by method, beside what all methods share

type operation struct {
	Responses map[string]struct {
		Content map[string]struct {
			Schema struct {
				OneOf []struct {
					Ref string `json:"$ref"`
				}
			}
		}
	}
}

const componentSchema = "#/components/schemas/"

var errNoDocument = errors.New("this is no OpenAPI document of version 3.1: give the URL or the file of a service's openapi.json")

// catalogOf finds the errors of a document: all schemas with an error_code that is a constant.
func catalogOf(text []byte) (catalog, error) {
	var doc struct {
		OpenAPI    string
		Info       struct{ Title, Version string }
		Paths      map[string]pathItem
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return catalog{}, fmt.Errorf("%w (%w)", errNoDocument, err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		return catalog{}, errNoDocument
	}
	routes := routesByError(doc.Paths)
	c := catalog{Title: doc.Info.Title, Version: doc.Info.Version, Errors: []declaredError{}, schemas: doc.Components.Schemas}
	for _, name := range slices.Sorted(maps.Keys(doc.Components.Schemas)) {
		var s errorSchema
		if json.Unmarshal(doc.Components.Schemas[name], &s) != nil || s.Properties.ErrorCode.Const == "" {
			continue // some other schema
		}
		e := declaredError{
			Status: s.Properties.Code.Const, Code: s.Properties.ErrorCode.Const, Text: s.Description,
			Routes: routes[componentSchema+name],
		}
		var detail struct{ AnyOf []json.RawMessage }
		if json.Unmarshal(s.Properties.Detail, &detail) == nil && detail.AnyOf != nil {
			e.DetailSchema = s.Properties.Detail
		}
		if len(s.Examples) > 0 {
			e.Detail = s.Examples[0].Detail
		}
		if e.Routes == nil {
			e.Routes = []string{}
		}
		c.Errors = append(c.Errors, e)
	}
	slices.SortStableFunc(c.Errors, func(a, b declaredError) int {
		return cmp.Or(cmp.Compare(unlisted(a), unlisted(b)), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Status, b.Status))
	})
	return c, nil
}

// unlisted puts the error that stands for all others last.
func unlisted(e declaredError) int {
	if e.Status == 0 {
		return 1
	}
	return 0
}

// routesByError gives the routes that answer with an error, by the reference to its schema.
func routesByError(paths map[string]pathItem) map[string][]string {
	routes := map[string][]string{}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range []string{"get", "post", "put", "patch", "delete", "head", "options", "trace"} {
			var op operation
			if raw, ok := paths[path][method]; !ok || json.Unmarshal(raw, &op) != nil {
				continue
			}
			for _, response := range op.Responses {
				for _, media := range response.Content {
					for _, one := range media.Schema.OneOf {
						route := strings.ToUpper(method) + " " + path
						if !slices.Contains(routes[one.Ref], route) {
							routes[one.Ref] = append(routes[one.Ref], route)
						}
					}
				}
			}
		}
	}
	return routes
}
