// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest_test

import (
	"embed"
	"encoding/json"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/browsertest"
)

//go:embed testdata
var files embed.FS

var animals = []string{"ant", "dodo", "dog", "dolphin"}

// site serves testdata on loopback, with a strict policy, and its origin.
func site(t *testing.T) string {
	t.Helper()
	data, err := fs.Sub(files, "testdata")
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(data))
	mux.HandleFunc("/animals", func(w http.ResponseWriter, r *http.Request) {
		found := []string{}
		for _, a := range animals {
			if strings.HasPrefix(a, r.FormValue("q")) {
				found = append(found, a)
			}
		}
		if err := json.NewEncoder(w).Encode(found); err != nil {
			t.Error(err)
		}
	})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestGoodPage(t *testing.T) {
	origin := site(t)
	p := browsertest.Start(t).Page(t)
	p.Open(origin + "/good.html")
	p.Press("/", "do")
	p.Wait(`document.querySelectorAll("#list li").length == 3`)
	if got := p.Text("#list"); got != "dodo\ndog\ndolphin" {
		t.Errorf("the list is %q", got)
	}
	p.Press("g")
	p.Wait(`document.querySelectorAll("#list li").length == 1`)
	p.Screenshot("light")
	p.Press(browsertest.Escape)
	p.Wait(`document.querySelectorAll("#list li").length == 0`)
	if got := browsertest.Eval[string](p, `document.getElementById("q").value`); got != "" {
		t.Errorf("the field has %q after Escape", got)
	}
	want := []string{"/good.html", "/style.css", "/script.js", "/animals?q=d", "/animals?q=do", "/animals?q=dog"}
	for i := range want {
		want[i] = origin + want[i]
	}
	if diff := cmp.Diff(want, p.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	p.CheckClean()
}

func TestPhoneInTheDark(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.Viewport(390, 700)
	p.Dark(true)
	p.Open(site(t) + "/good.html")
	if got := browsertest.Eval[[]int](p, "[innerWidth, innerHeight]"); !slices.Equal(got, []int{390, 700}) {
		t.Errorf("the window is %v, want 390×700", got)
	}
	const colour = "getComputedStyle(document.body).backgroundColor"
	if got := browsertest.Eval[string](p, colour); got != "rgb(17, 17, 17)" {
		t.Errorf("in the dark the page is %s", got)
	}
	if w, h := size(t, p.Screenshot("dark")); w != 390 || h != 700 {
		t.Errorf("the picture is %d×%d, want 390×700", w, h)
	}
	p.Dark(false)
	if got := browsertest.Eval[string](p, colour); got != "rgb(255, 255, 255)" {
		t.Errorf("in the light the page is %s", got)
	}
	p.CheckClean()
}

func size(t *testing.T, file string) (width, height int) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c, err := png.DecodeConfig(f)
	if err != nil {
		t.Fatal(err)
	}
	return c.Width, c.Height
}

func TestWithoutJavaScript(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.JavaScript(false)
	p.Open(site(t) + "/good.html")
	if got := p.Text("#plain"); !strings.Contains(got, "canción") {
		t.Errorf("the page shows %q without scripts", got)
	}
	p.Click("#q")
	p.Press("dog")
	p.Screenshot("without-javascript")
	p.Press(browsertest.Enter)
	p.Wait(`location.search == "?q=dog"`)
	for _, r := range p.Requests() {
		if strings.Contains(r, "/animals") {
			t.Errorf("a script ran: %s", r)
		}
	}
	p.CheckClean()
}

// TestBadPage looks at a page that does everything wrong.
func TestBadPage(t *testing.T) {
	origin := site(t)
	f := &failures{TB: t}
	p := browsertest.Start(t).Page(f)
	p.Open(origin + "/bad.html")
	if diff := cmp.Diff([]string{"http://elsewhere.test/style.css"}, p.Foreign()); diff != "" {
		t.Errorf("foreign requests (-want +got):\n%s", diff)
	}
	policy := []string{
		"script-src-elem: kInlineViolation",
		"style-src-attr: kInlineViolation",
		"style-src-elem: kURLViolation http://elsewhere.test/style.css",
	}
	if diff := cmp.Diff(policy, sorted(p.PolicyViolations())); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	console := strings.Join(p.Console(), "\n")
	for _, want := range []string{
		`error: "this went wrong" 7`,
		"exception: ReferenceError: nobody is not defined",
		"(" + origin + "/broken.js:4)",
		"404 (Not Found) " + origin + "/missing.png",
	} {
		if !strings.Contains(console, want) {
			t.Errorf("the console has no %q:\n%s", want, console)
		}
	}
	p.CheckClean()
	if want := len(p.Foreign()) + len(p.PolicyViolations()) + len(p.Console()); f.count != want {
		t.Errorf("CheckClean reports %d errors, want %d", f.count, want)
	}
}

func TestGoodPageIsAccessible(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	for _, dark := range []bool{false, true} {
		p.Dark(dark)
		p.Open(site(t) + "/good.html")
		p.Press("/", "dog")
		p.Wait(`document.querySelectorAll("#list li").length == 1`)
		p.CheckAccessible()
		p.CheckClean()
	}
}

func TestBadPageIsNotAccessible(t *testing.T) {
	p := browsertest.Start(t).Page(t)
	p.Open(site(t) + "/bad.html")
	before := p.Requests()
	var rules []string
	for _, v := range browsertest.Axe(p) {
		rules = append(rules, v.Rule)
		if v.Impact == "" || v.Help == "" || len(v.Elements) == 0 || !strings.Contains(v.String(), v.Elements[0].HTML) {
			t.Errorf("violation %+v", v)
		}
		t.Log(v)
	}
	want := []string{
		"color-contrast", "document-title", "html-has-lang", "image-alt", "label", "landmark-one-main", "page-has-heading-one", "region",
	}
	if diff := cmp.Diff(want, sorted(rules)); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, p.Requests()); diff != "" {
		t.Errorf("axe makes requests:\n%s", diff)
	}
}

// failures counts errors instead of failing the test.
type failures struct {
	testing.TB
	count int
}

func (f *failures) Errorf(format string, args ...any) {
	f.count++
	f.Logf(format, args...)
}

func sorted(list []string) []string {
	slices.Sort(list)
	return list
}
