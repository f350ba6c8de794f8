package openapi

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// documentedMethods are those that a path of an OpenAPI document can have.
var documentedMethods = [...]string{
	http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete,
	http.MethodOptions, http.MethodHead, http.MethodPatch, http.MethodTrace,
}

// pattern is a parsed pattern of a documented route.
type pattern struct {
	method    string
	path      string   // as in the document: "/people/{id}/"
	wildcards []string // "id"
}

// parsePattern reads "METHOD /path/{wildcard}/". It refuses what net/http understands and a document cannot say:
// patterns for all methods, hosts and wildcards over several segments.
func parsePattern(text string) (pattern, error) {
	method, path, found := strings.Cut(text, " ")
	path = strings.TrimLeft(path, " \t")
	if !found || !slices.Contains(documentedMethods[:], method) {
		return pattern{}, fmt.Errorf("a documented route names its method, as in \"GET /people/\" (known are %s); for every method at once use Handle without options",
			strings.Join(documentedMethods[:], ", "))
	}
	if !strings.HasPrefix(path, "/") {
		return pattern{}, fmt.Errorf("the path %q of a documented route must start with \"/\"; for a host in the pattern use Handle without options", path)
	}
	path = strings.TrimSuffix(path, "{$}")
	p := pattern{method: method, path: path}
	for segment := range strings.SplitSeq(path, "/") {
		if !strings.HasPrefix(segment, "{") || !strings.HasSuffix(segment, "}") {
			if strings.ContainsAny(segment, "{}") {
				return pattern{}, fmt.Errorf("in %q a wildcard must be a whole segment, as in /people/{id}/", path)
			}
			continue
		}
		name := segment[1 : len(segment)-1]
		if strings.HasSuffix(name, "...") {
			return pattern{}, fmt.Errorf("the wildcard %s takes many segments, which a document cannot say; use Handle without options", segment)
		}
		p.wildcards = append(p.wildcards, name)
	}
	return p, nil
}

// mux is the pattern for [http.ServeMux] that matches exactly this path. Without "{$}" a trailing slash would take the
// whole subtree, so that DELETE /departments/1/restore/ reached DELETE /departments/{id}/.
func (p pattern) mux() string {
	if strings.HasSuffix(p.path, "/") {
		return p.method + " " + p.path + "{$}"
	}
	return p.method + " " + p.path
}

// shape is the path without the names of its wildcards: a document may not have two paths of one shape.
func (p pattern) shape() string {
	segments := strings.Split(p.path, "/")
	for i, segment := range segments {
		if strings.HasPrefix(segment, "{") {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

// operationID is a name for generated clients: get_api_v1_people_by_id.
func (p pattern) operationID() string {
	var id strings.Builder
	id.WriteString(strings.ToLower(p.method))
	for segment := range strings.SplitSeq(strings.Trim(p.path, "/"), "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			segment = "by_" + strings.TrimSuffix(name, "}")
		}
		id.WriteByte('_')
		for _, r := range segment {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				id.WriteRune(r)
			} else {
				id.WriteByte('_')
			}
		}
	}
	return id.String()
}

// tag groups routes that were given none: the first segment that is neither a wildcard nor "api" nor a version.
func (p pattern) tag() string {
	for segment := range strings.SplitSeq(p.path, "/") {
		version := len(segment) > 1 && segment[0] == 'v' && strings.Trim(segment[1:], "0123456789") == ""
		if segment != "" && segment != "api" && !version && segment[0] != '{' {
			return segment
		}
	}
	return ""
}
