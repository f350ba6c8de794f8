package eventview

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"gitlab.com/pik-pro/backend/toolset/eventbus"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// page renders the page. Its policy allows nothing but its own style and script.
func (m *model) page() (*Document, error) {
	frame, err := template.New("page").Funcs(template.FuncMap{"anchor": m.anchor}).Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	h := html{buf: make([]byte, 0, 5*m.size()+64<<10)}
	data := struct {
		Title, Description string
		CSS                template.CSS
		JS                 template.JS
		Exchanges          []string
		Queues             []*queue
	}{
		Title: m.service.Title, Description: m.service.Description, CSS: template.CSS(pageCSS), JS: template.JS(pageJS),
		Queues: m.queues,
	}
	for _, x := range m.service.Publishes {
		data.Exchanges = append(data.Exchanges, x.Name())
	}
	buf := bytes.NewBuffer(h.buf)
	if err := frame.ExecuteTemplate(buf, "head", data); err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	h.buf = buf.Bytes()
	h.nav(m)
	h.add("<main id=\"events\" tabindex=\"-1\">\n")
	for _, e := range m.published {
		h.section(e)
	}
	for _, e := range m.consumed() {
		h.section(e)
	}
	buf = bytes.NewBuffer(h.buf)
	if err := frame.ExecuteTemplate(buf, "foot", data); err != nil {
		return nil, fmt.Errorf("the page: %w", err)
	}
	policy := "default-src 'none'; style-src " + allowed(pageCSS) + "; script-src " + allowed(pageJS) + "; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
	return newDocument("text/html; charset=utf-8", policy, buf.Bytes()), nil
}

// consumed are the events that only others publish, as far as they are known.
func (m *model) consumed() []*event {
	var all []*event
	for _, e := range m.events {
		if !e.sent && !e.unknown {
			all = append(all, e)
		}
	}
	return all
}

// anchor is where the page shows an event. Other services may publish events of the same name.
func (m *model) anchor(d eventbus.Definition) string {
	return m.byKey[key{d.Exchange, d.Name}].anchor()
}

func (e *event) anchor() string {
	if e.sent {
		return e.Name
	}
	return "from:" + e.Exchange + ":" + e.Name
}

// allowed is the source of a Content-Security-Policy for one text.
func allowed(text string) string {
	hash := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'"
}
