package eventview

import "testing"

func TestPrefersHTML(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":    false,
		"*/*": false, // curl
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": true, // browsers
		"application/json, text/plain, */*":                               false,
		"text/html":                                                       true,
		"TEXT/HTML ; charset=utf-8":                                       true,
		"text/*":                                                          true,
		"text/html;q=0":                                                   false,
		"text/html;q=0.5, application/json":                               false,
		"text/html, application/json;q=0.9":                               true,
		"text/html, application/json":                                     false,
		"text/html;q=0.5, */*":                                            false,
		"text/html;q=none":                                                false,
		"text/html;q=7":                                                   false,
		"image/png":                                                       false,
		",;=,/":                                                           false,
	} {
		if got := prefersHTML(accept); got != want {
			t.Errorf("Accept: %s gives %t", accept, got)
		}
	}
}

func FuzzAccept(f *testing.F) {
	for _, seed := range []string{"", "*/*", "text/html;q=0.5, */*;q=0.1", ",;=,/", "text/html;q=1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		if w := weight(accept, "text", "html"); !(w >= 0 && w <= 1) {
			t.Errorf("%q weighs %v", accept, w)
		}
		if prefersHTML(accept) && prefersHTML(accept+",text/html;q=0,application/json") && weight(accept, "text", "html") == 0 {
			t.Errorf("%q prefers what it does not want", accept)
		}
	})
}
