package openapitest

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// route finds the operation for a request. Of several paths that match, the one with the longer run of literal segments
// wins, as it does in net/http. GET answers HEAD.
func (c *Checker) route(method, path string) (template string, op operation, ok bool) {
	methods := []string{strings.ToLower(method)}
	if method == http.MethodHead {
		methods = append(methods, "get")
	}
	segments := strings.Split(path, "/")
	for candidate, operations := range c.document.Paths {
		if !matches(strings.Split(candidate, "/"), segments) || ok && !closer(candidate, template) {
			continue
		}
		for _, m := range methods {
			var found operation
			if raw, has := operations[m]; has && json.Unmarshal(raw, &found) == nil {
				template, op, ok = candidate, found, true
				break
			}
		}
	}
	return template, op, ok
}

func matches(template, segments []string) bool {
	if len(template) != len(segments) {
		return false
	}
	for i, want := range template {
		got, err := url.PathUnescape(segments[i])
		if err != nil || got == "" && isWildcard(want) || got != want && !isWildcard(want) {
			return false
		}
	}
	return true
}

func isWildcard(segment string) bool { return strings.HasPrefix(segment, "{") }

// closer tells which of two paths that match a request has the first literal where the other has a wildcard.
func closer(a, b string) bool {
	other := strings.Split(b, "/")
	for i, segment := range strings.Split(a, "/") {
		if isWildcard(segment) != isWildcard(other[i]) {
			return !isWildcard(segment)
		}
	}
	return false
}
