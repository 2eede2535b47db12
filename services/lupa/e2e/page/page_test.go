// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package page tests the search page in a browser, over a real index.
package page

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
	"github.com/lupasearch/lupa/tools/browsertest"
)

// site serves the books of catalogtest, and twenty more that are about nothing, and
// gives its address.
func site(t *testing.T) string {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: t.TempDir(), Collections: []catalog.Collection{catalogtest.Books}, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	documents := slices.Clone(catalogtest.Library)
	for i := range 20 {
		documents = append(documents, catalog.Document{ID: fmt.Sprint("n", i), Values: []catalog.Value{
			catalog.TextValue(fmt.Sprint("Libro ", i)), catalog.TextValue("páginas en blanco <b>"), catalog.TextValue("vacío"),
			catalog.NumberValue(float64(i)), catalog.NumberValue(0),
			{},
			{},
		}})
	}
	if err := store.Replace(t.Context(), "books", catalog.Mark{Fingerprint: "f"}, catalogtest.Fill(documents)); err != nil {
		t.Fatal(err)
	}
	handler, err := web.New(web.Options{
		Store: store, Title: "Library", Version: "test", Log: log,
		Limits: config.Limits{QueryTime: time.Minute, QueryBytes: 4096, BodyBytes: 4096, Searches: 8},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

const (
	first     = `document.querySelector(".hits h2")?.textContent`
	focused   = `document.activeElement.textContent || document.activeElement.id`
	suggested = `[...document.querySelectorAll("#suggestions li")].map((li) => li.textContent).join("|")`
)

func TestSearchWhileTyping(t *testing.T) {
	origin := site(t)
	p := browsertest.Start(t).Page(t)
	p.Open(origin + "/")
	p.Screenshot("welcome")
	p.Press("canciones")
	p.Wait(first + `?.includes("canciones")`)
	if got := browsertest.Eval[string](p, "location.search"); got != "?q=canciones" {
		t.Errorf("the address is %s, want one that can be shared", got)
	}
	if got := browsertest.Eval[string](p, "document.title"); !strings.HasPrefix(got, "canciones – Library") {
		t.Errorf("the title is %q", got)
	}
	if got := browsertest.Eval[string](p, `document.querySelector(".hits mark").textContent`); got != "canciones" {
		t.Errorf("the first mark is %q", got)
	}
	p.Wait(`document.getElementById("live").textContent.includes("of 2")`)
	p.Screenshot("typing")
	p.CheckClean()
}

func TestKeys(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.Open(site(t) + "/?q=mar")
	p.Press("/", browsertest.ArrowDown)
	p.Wait(`document.activeElement.closest(".hits li") === document.querySelector(".hits li")`)
	one := browsertest.Eval[string](p, focused)
	p.Press(browsertest.ArrowDown)
	if got := browsertest.Eval[string](p, focused); got == one {
		t.Errorf("the arrow stays at %q", got)
	}
	p.Press(browsertest.ArrowUp, browsertest.ArrowUp)
	if got := browsertest.Eval[string](p, focused); got != "q" {
		t.Errorf("two steps back is %q, want the box", got)
	}
	p.Press(browsertest.Escape)
	p.Wait(`document.getElementById("q").value === "" && document.querySelector(".welcome") !== null`)
	p.Press("ca")
	p.Wait(suggested + `.length > 0`)
	p.Screenshot("suggestions")
	list := strings.Split(browsertest.Eval[string](p, suggested), "|")
	p.Press(browsertest.ArrowDown)
	if got := browsertest.Eval[string](p, `document.getElementById(document.getElementById("q").getAttribute("aria-activedescendant")).textContent`); got != list[0] {
		t.Errorf("the arrow points at %q, want %q", got, list[0])
	}
	p.Press(browsertest.Enter)
	p.Wait(`document.getElementById("q").value === ` + fmt.Sprintf("%q", list[0]) + ` && document.getElementById("suggestions").hidden`)
	p.CheckClean()
}

func TestFacetsAndPages(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.Open(site(t) + "/?q=libro")
	p.Wait(`document.querySelectorAll(".hits li").length === 10`)
	p.Click(`.pages a[rel="next"]`)
	p.Wait(`location.search.includes("offset=10") && document.querySelector(".hits").start === 11`)
	p.Open(strings.Replace(browsertest.Eval[string](p, "location.href"), "offset=10&q=libro", "q=mar", 1))
	p.Wait(`document.querySelectorAll(".facets a").length > 2`)
	p.Screenshot("facets")
	p.Click(`.facets a[href*="novela"]`)
	p.Wait(`location.search.includes("filter=tags%3Anovela") && document.querySelectorAll(".hits li").length === 2`)
	if got := browsertest.Eval[string](p, `document.querySelector(".facets [aria-current]").textContent`); !strings.HasPrefix(got, "novela") {
		t.Errorf("the chosen value is %q", got)
	}
	// What is typed next keeps the filter.
	p.Press("/", "casa")
	p.Wait(`location.search.includes("q=casa") && location.search.includes("filter=") && document.querySelectorAll(".hits li").length === 1`)
	p.CheckClean()
}

func TestWithoutJavaScript(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.JavaScript(false)
	origin := site(t)
	p.Open(origin + "/")
	p.Click("#q")
	p.Press("mar", browsertest.Enter)
	p.Wait(`location.search.includes("q=mar") && document.querySelectorAll(".hits li").length === 4`)
	p.Click(`.facets a[href*="novela"]`)
	p.Wait(`location.search.includes("filter=tags%3Anovela") && document.querySelectorAll(".hits li").length === 2`)
	for _, r := range p.Requests() {
		if u, err := url.Parse(r); err != nil || strings.HasPrefix(u.Path, "/v1/") {
			t.Errorf("a script asked %s, %v", r, err)
		}
	}
	p.CheckClean()
}

func TestPhoneInTheDark(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.Viewport(360, 700)
	p.Dark(true)
	p.Open(site(t) + "/?q=mar")
	p.Screenshot("phone")
	if wide := browsertest.Eval[bool](p, "document.documentElement.scrollWidth > innerWidth"); wide {
		t.Error("the page is wider than the phone")
	}
	p.CheckClean()
}

// TestAccessible looks for what keeps people out, in each state of the page.
func TestAccessible(t *testing.T) {
	origin := site(t)
	p := browsertest.Start(t).Page(t)
	for _, dark := range []bool{false, true} {
		p.Dark(dark)
		for _, path := range []string{"/", "/?q=mar", "/?q=mar&filter=tags:mar", "/?q=nada", "/?q=novela+marinreo", "/?q=libro&offset=10"} {
			p.Open(origin + path)
			p.CheckAccessible()
		}
		p.Open(origin + "/")
		p.Press("ca")
		p.Wait(suggested + `.length > 0`)
		p.CheckAccessible()
	}
	p.CheckClean()
}
