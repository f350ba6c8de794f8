package eventview

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// pageEvent is an event as the page shows it.
type pageEvent struct {
	Name, Exchange, Summary string
	Rows                    []row
	Example                 string
	Schema                  string
}

// pageDocument renders the page. Its policy allows nothing but its own style.
func pageDocument(exchanges []string, events []event) (document, error) {
	page, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return document{}, fmt.Errorf("the page: %w", err)
	}
	data := struct {
		Title     string
		Exchanges []string
		CSS       template.CSS
		Events    []pageEvent
	}{Title: "Events of " + strings.Join(exchanges, ", "), Exchanges: exchanges, CSS: template.CSS(pageCSS)}
	for _, e := range events {
		data.Events = append(data.Events, pageEvent{
			Name: e.name, Exchange: e.exchange, Summary: e.summary,
			Rows: rows(e.parsed), Example: string(e.example), Schema: indent(e.schema),
		})
	}
	var buf bytes.Buffer
	if err := page.Execute(&buf, data); err != nil {
		return document{}, fmt.Errorf("the page: %w", err)
	}
	hash := sha256.Sum256([]byte(pageCSS))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) + "'; base-uri 'none'; form-action 'none'"
	return newDocument("text/html; charset=utf-8", policy, buf.String()), nil
}
