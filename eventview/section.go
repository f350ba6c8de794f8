package eventview

import (
	"bytes"
	"strings"
)

// html is written by hand where a service may have thousands of fields: html/template would take most of the time that
// building the documents takes. Whatever is not ours is written by text, or by attribute between quotes.
type html struct {
	buf     []byte
	scratch []byte
	rows    []row
}

func (h *html) add(trusted string) { h.buf = append(h.buf, trusted...) }

// text writes what must not be taken for elements.
func (h *html) text(s string) { h.buf = appendEscaped(h.buf, s, false) }

// attribute writes a part of a quoted attribute.
func (h *html) attribute(s string) { h.buf = appendEscaped(h.buf, s, true) }

func appendEscaped[T string | []byte](dst []byte, s T, quotes bool) []byte {
	start := 0
	for i := range len(s) {
		c := s[i]
		if c > '>' { // most
			continue
		}
		escape := ""
		switch c {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '"':
			if quotes {
				escape = "&#34;"
			}
		case 0:
			escape = "\ufffd"
		}
		if escape != "" {
			dst = append(append(dst, s[start:i]...), escape...)
			start = i + 1
		}
	}
	return append(dst, s[start:]...)
}

// between writes a text between two trusted ones, unless it is empty.
func (h *html) between(before, text, after string) {
	if text != "" {
		h.add(before)
		h.text(text)
		h.add(after)
	}
}

// nav lists what is on the page.
func (h *html) nav(m *model) {
	h.add("<nav aria-label=\"Events\">\n<p id=\"find\" hidden><label>Find an event <input type=\"search\" autocomplete=\"off\" spellcheck=\"false\"></label> <output></output></p>\n<ul>\n")
	for _, e := range m.published {
		h.link(e.anchor())
		if e.Deprecated != "" {
			h.add(" class=\"deprecated\"")
		}
		h.between(">", e.Name, "</a></li>\n")
	}
	if len(m.published) == 0 && len(m.service.Publishes) > 0 {
		h.add("<li>No events are declared.</li>\n")
	}
	for _, e := range m.consumed() {
		h.link(e.anchor())
		h.between(">", e.Name, " <small>consumed</small></a></li>\n")
	}
	for _, q := range m.queues {
		h.link("queue:" + q.Queue)
		h.between(">", q.Queue, " <small>queue</small></a></li>\n")
	}
	h.add("</ul>\n</nav>\n")
}

// link begins an item with a link to a place on the page.
func (h *html) link(id string) {
	h.add("<li><a href=\"#")
	h.attribute(fragment(id))
	h.add("\"")
}

// section shows an event.
func (h *html) section(e *event) {
	h.add("<section id=\"")
	h.attribute(e.anchor())
	h.add("\">\n<h2><a href=\"#")
	h.attribute(fragment(e.anchor()))
	h.add("\">")
	h.text(e.Name)
	h.add("</a></h2>\n")
	h.between("<p class=\"deprecated\"><strong>Deprecated:</strong> ", e.Deprecated, "</p>\n")
	h.between("<p>", e.Summary, "</p>\n")
	h.between("<p class=\"long\">", e.Description, "</p>\n")
	h.add("<p class=\"where\">exchange <code>")
	h.text(e.Exchange)
	h.add("</code>, routing key <code>")
	h.text(e.Name)
	h.add("</code>")
	h.between(", since ", e.Since, "")
	if !e.sent {
		h.add(", consumed by this service")
	}
	h.add("</p>\n")
	h.region("Fields of ", e.Name)
	h.add("<table>\n" +
		"<thead><tr><th scope=\"col\">Field</th><th scope=\"col\">Type</th><th scope=\"col\">Details</th></tr></thead>\n<tbody>\n")
	h.rows = appendRows(h.rows[:0], e.schema)
	for i := range h.rows {
		h.row(&h.rows[i])
	}
	if len(h.rows) == 0 {
		h.add("<tr><td colspan=\"3\">An object without fields.</td></tr>\n")
	}
	h.add("</tbody>\n</table>\n</div>\n")
	for _, text := range e.examples {
		h.add("<h3>Example</h3>\n")
		h.code("Copy the example of ", e.Name, text)
	}
	h.add("<details>\n<summary>JSON Schema</summary>\n")
	h.code("Copy the schema of ", e.Name, e.json)
	h.add("</details>\n</section>\n")
}

func (h *html) row(r *row) {
	h.add("<tr>\n<th scope=\"row\"><code>")
	h.between("<span>", r.parent, "</span>")
	h.text(r.name)
	h.add("</code>")
	if !r.required {
		h.add(" <small>optional</small>")
	}
	h.add("</th>\n<td>")
	h.text(r.kind)
	h.add("</td>\n<td>")
	h.text(r.description)
	h.between("<small>", r.constraints, "</small>")
	h.add("</td>\n</tr>\n")
}

// region begins what scrolls by itself, so keyboards must get there and ears must know what it is.
func (h *html) region(label, name string) {
	h.add("<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"")
	h.add(label)
	h.attribute(name)
	h.add("\">\n")
}

// code shows JSON with a button that copies it. The button is there for those with JavaScript alone.
func (h *html) code(label, name string, compact []byte) {
	h.add("<div class=\"code\"><button type=\"button\" aria-label=\"")
	h.add(label)
	h.attribute(name)
	h.add("\" hidden>Copy</button><pre tabindex=\"0\"><code>")
	if bytes.ContainsAny(compact, "<>&\x00") {
		h.scratch = appendIndented(h.scratch[:0], compact)
		h.buf = appendEscaped(h.buf, h.scratch, false)
	} else {
		h.buf = appendIndented(h.buf, compact)
	}
	h.add("</code></pre></div>\n")
}

// fragment is a name as the part of an address behind "#".
func fragment(name string) string { return fragments.Replace(name) }

var fragments = strings.NewReplacer("%", "%25", " ", "%20")
