// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A safeHTML is text that may stand in a page as it is. Only markup and constants
// make it.
type safeHTML string

// markup writes a snippet as HTML: everything escaped, matches in <mark>.
func markup(s catalog.Snippet) safeHTML {
	var b strings.Builder
	for _, segment := range s {
		text := html.EscapeString(segment.Text)
		if segment.Match {
			text = "<mark>" + text + "</mark>"
		}
		b.WriteString(text)
	}
	return safeHTML(b.String())
}

// A pageWriter writes a page piece by piece. It takes the place of html/template, whose
// use of reflection keeps the linker from leaving methods out that nothing calls:
// the program would be 2 MB larger.
type pageWriter struct{ b bytes.Buffer }

// put writes HTML: format is a constant, and every argument is escaped, but for
// safeHTML and numbers.
func (w *pageWriter) put(format string, args ...any) {
	for i, arg := range args {
		if text, ok := arg.(string); ok {
			args[i] = html.EscapeString(text)
		}
	}
	fmt.Fprintf(&w.b, format, args...)
}

// when writes HTML only where a condition holds.
func (w *pageWriter) when(condition bool, format string, args ...any) {
	if condition {
		w.put(format, args...)
	}
}

func render(d pageData) []byte {
	w := new(pageWriter)
	title := "Lupa"
	if d.Asked {
		title = d.Query + " – Lupa"
	}
	w.put(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s</title>
<link rel="stylesheet" href="/static/style.css">
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
</head>
<body>
`, title)
	w.form(d)
	w.put("<main>\n")
	switch {
	case d.Problem != "":
		w.put(`<p class="notice" role="alert">%s</p>`, d.Problem)
	case d.Asked:
		w.results(d)
	default:
		w.put(`<section class="welcome">
<p>All words must match. Put a <kbd>"phrase in quotes"</kbd>, end a beginning with <kbd>*</kbd>, leave words out with <kbd>-</kbd>, and choose with <kbd>OR</kbd>.</p>
<p>For programs: <a href="/v1/search?q=search">/v1/search?q=…</a> and <a href="/v1/collections">/v1/collections</a>.</p>
</section>`)
	}
	w.put("\n</main>\n</body>\n</html>\n")
	return w.b.Bytes()
}

// form is the head of the page.
func (w *pageWriter) form(d pageData) {
	w.put(`<header>
<a class="brand" href="/"><img src="/static/icon.svg" alt="" width="28" height="28">Lupa</a>
<form action="/" method="get" role="search">
<label class="hidden" for="q">Search for</label>
<input id="q" name="q" type="search" value="%s" placeholder="Search" autocomplete="off" autocapitalize="off" spellcheck="false"`, d.Query)
	w.when(!d.Asked, " autofocus")
	w.put(">\n")
	if len(d.Collections) > 1 {
		w.put(`<label class="hidden" for="collection">in</label><select id="collection" name="collection">`)
		for _, name := range d.Collections {
			selected := safeHTML("")
			if name == d.Collection {
				selected = " selected"
			}
			w.put(`<option%s>%s</option>`, selected, name)
		}
		w.put("</select>\n")
	}
	w.put("<button type=\"submit\">Search</button>\n</form>\n</header>\n")
}

// results is what was found.
func (w *pageWriter) results(d pageData) {
	w.put(`<p class="count" role="status">`)
	switch {
	case len(d.Hits) > 0:
		w.put("%d–%d of %d", d.First, d.Last, d.Total)
	case d.Total > 0:
		w.put("%d found, none on this page", d.Total)
	default:
		w.put("Nothing found")
	}
	w.put(" in %.1f ms</p>\n", d.TookMS)
	w.when(d.Any, `<p class="notice">No document has all the words; these have some of them.</p>`+"\n")
	w.when(d.Truncated, `<p class="notice">The query is too long; its beginning was searched for.</p>`+"\n")
	w.put(`<ol class="hits" start="%d">`+"\n", d.First)
	for _, hit := range d.Hits {
		w.put("<li><h2>%s</h2>", hit.Title)
		w.when(len(hit.Parts) > 0, "<dl>")
		for _, part := range hit.Parts {
			w.put("<div><dt>%s</dt><dd>%s</dd></div>", part.Name, part.Text)
		}
		w.when(len(hit.Parts) > 0, "</dl>")
		w.put("</li>\n")
	}
	w.put("</ol>\n")
	w.when(d.Previous != "" || d.Next != "", `<nav aria-label="Pages">`)
	w.when(d.Previous != "", `<a rel="prev" href="%s">← Previous</a>`, d.Previous)
	w.when(d.Next != "", `<a rel="next" href="%s">Next →</a>`, d.Next)
	w.when(d.Previous != "" || d.Next != "", "</nav>")
}
