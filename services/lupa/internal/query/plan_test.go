// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

func analyzer(t testing.TB, spec fts5.Spec) *fts5.Analyzer {
	t.Helper()
	a, err := fts5.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

var fields = []string{"title", "text"}

func options(t testing.TB, spec fts5.Spec) query.Options {
	return query.Options{
		Analyzer: analyzer(t, spec), StopWords: query.StopWords(spec.Language), Column: func(f string) string { return "f_" + f },
	}
}

// summary writes a plan's expression and phrases, as term*weight, with '=' for the
// mark of exact words.
func summary(p query.Plan) string {
	out := strings.ReplaceAll(p.Expression, string(fts5.Exact), "=")
	var phrases []string
	for _, phrase := range p.Phrases {
		if phrase.Term >= 0 {
			phrases = append(phrases, fmt.Sprintf("%s*%g", p.Terms[phrase.Term].Label, phrase.Weight))
		} else {
			phrases = append(phrases, "-")
		}
	}
	return out + " | " + strings.Join(phrases, " ")
}

func TestPlan(t *testing.T) {
	plain, english, trigram := fts5.Spec{}, fts5.Spec{Language: "en"}, fts5.Spec{Kind: fts5.Trigram}
	loose := func(o *query.Options) { o.Any = true }
	typing := func(o *query.Options) { o.Typing = true }
	for _, test := range []struct {
		text, want string
		spec       fts5.Spec
		change     func(*query.Options)
	}{
		{text: "dog", want: `"dog" | dog*1`},
		{text: "small dog", want: `("small" AND "dog") | small*1 dog*1`},
		{text: "e-mail*", want: `"e mail"* | e-mail*1`},
		{text: "dog -cat -cow", want: `("dog" NOT ("cat" OR "cow")) | dog*1 - -`},
		{text: "a OR b c", want: `("a" OR ("b" AND "c")) | a*1 b*1 c*1`},
		{text: "dog OR -cat", want: `"dog" | dog*1`},
		{text: "-cat", want: " | -"},
		{text: "!?", want: " | "},
		{text: "title:dog", want: `f_title : "dog" | dog*1`},
		{text: "title:(a b)", want: `(f_title : "a" AND f_title : "b") | a*1 b*1`},
		{text: "canción", want: `"canción" | canción*1`},
		{text: "a b c", want: `("a" OR "b" OR "c") | a*1 b*1 c*1`, change: loose},
		{text: "a b -c", want: `(("a" OR "b") NOT "c") | a*1 b*1 -`, change: loose},
		{text: "(a OR b) c", want: `("a" OR "b" OR "c") | a*1 b*1 c*1`, change: loose},
		{text: "big do", want: `("big" AND ("do" OR "do"*)) | big*1 do*1 do*0.3`, change: typing},
		{text: "big do ", want: `("big" AND "do") | big*1 do*1`, change: typing},
		{text: "dogs", want: `("dogs" OR "=dogs") | dogs*1 dogs*0.2`, spec: english},
		{text: `"dogs bark"`, want: `"=dogs bark" | dogs bark*1`, spec: english},
		{text: "dog*", want: `"=dog"* | dog*1`, spec: english},
		{text: "title:dogs", want: `f_title : ("dogs" OR "=dogs") | dogs*1 dogs*0.2`, spec: english},
		{text: "what is a dog", want: `("dog" OR "=dog") | dog*1 dog*0.2`, spec: english},
		{text: "what is", want: `(("what" OR "=what") AND ("is" OR "=is")) | what*1 what*0.2 is*1 is*0.2`, spec: english},
		{text: "do", want: `("do" OR "=do" OR "=do"*) | do*1 do*0.2 do*0.3`, spec: english, change: typing},
		{text: "rap", want: `"rap" | rap*1`, spec: trigram},
		{text: `ra "x`, want: " | ", spec: trigram},
		{text: `a"b"c d"ef g"`, want: `"ef g" | ef g*1`, spec: trigram},
	} {
		o := options(t, test.spec)
		if test.change != nil {
			test.change(&o)
		}
		if got := summary(query.Parse(test.text, fields).Plan(o)); got != test.want {
			t.Errorf("plan of %q (%+v) is\n%s, want\n%s", test.text, test.spec, got, test.want)
		}
	}
	o := options(t, plain)
	for text, want := range map[string]string{"a  b": "a b", `"a b"`: "a b", "a*": "a", "ab*": "", "title:a": "", "a -b": "", "a OR b": "", "": ""} {
		if got := query.Parse(text, fields).Plan(o).Whole; got != want {
			t.Errorf("the whole of %q is %q, want %q", text, got, want)
		}
	}
	if p := query.Parse(" ", fields).Plan(o); !p.Everything {
		t.Errorf("a blank query is %+v, want everything", p)
	}
	if p := query.Parse("-a -b", fields).Plan(o); p.Without != `("a" OR "b")` {
		t.Errorf("a query without words is without %s", p.Without)
	}
	if p := query.Parse("!", fields).Plan(o); p.Everything || p.Expression != "" {
		t.Errorf("a query of signs is %+v, want nothing", p)
	}
}

func TestPlanBounds(t *testing.T) {
	var words []string
	for i := range 100 {
		words = append(words, fmt.Sprint("w", i))
	}
	o := options(t, fts5.Spec{})
	p := query.Parse(strings.Join(words, " "), nil).Plan(o)
	if len(p.Terms) != 32 || !p.Truncated {
		t.Errorf("%d terms, truncated %v, want 32", len(p.Terms), p.Truncated)
	}
	p = query.Parse(`"`+strings.Join(words, " ")+`"*`, nil).Plan(o)
	if got := len(p.Terms[0].Words); got != 8 || p.Terms[0].Prefix || !p.Truncated {
		t.Errorf("a phrase of %d words, truncated %v", got, p.Truncated)
	}
	p = query.Parse(strings.Repeat("abc", 100), nil).Plan(options(t, fts5.Spec{Kind: fts5.Trigram}))
	if len(p.Expression) != 66 || !p.Truncated {
		t.Errorf("an expression of %d bytes, truncated %v", len(p.Expression), p.Truncated)
	}
	// Stop words do not use up the terms.
	p = query.Parse(strings.Repeat("the of and ", 100)+"cat", nil).Plan(options(t, fts5.Spec{Language: "en"}))
	if len(p.Terms) != 1 || p.Terms[0].Label != "cat" {
		t.Errorf("terms are %+v, want the cat", p.Terms)
	}
}

// printed is all that may reach FTS5: strings, columns, operators, brackets.
var printed = regexp.MustCompile(`^(?:"(?:[^"\x00]|"")+"\*?|f_title : |f_text : | AND | OR | NOT |[()])*$`)

// FuzzPlan prints any text for real FTS5, with each tokenizer.
func FuzzPlan(f *testing.F) {
	for _, text := range catalogtest.HostileTexts {
		f.Add(text)
	}
	f.Add("title:(a OR -b) -(c \"d\"* e*")
	var all []query.Options
	var databases []*sql.DB
	for _, spec := range []fts5.Spec{{}, {Language: "es"}, {Kind: fts5.Porter}, {Kind: fts5.Trigram}} {
		o := options(f, spec)
		tokenize, err := spec.FTS5()
		if err != nil {
			f.Fatal(err)
		}
		db, err := sql.Open("sqlite3", "file::memory:")
		if err != nil {
			f.Fatal(err)
		}
		f.Cleanup(func() { db.Close() })
		db.SetMaxOpenConns(1)
		if _, err := db.Exec("CREATE VIRTUAL TABLE t USING fts5(f_title, f_text, tokenize='" + tokenize + "'); INSERT INTO t VALUES('dog', 'a domestic animal')"); err != nil {
			f.Fatal(err)
		}
		loose := o
		loose.Any, loose.Typing = true, true
		all, databases = append(all, o, loose), append(databases, db, db)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := query.Parse(text, fields)
		for i, o := range all {
			p := q.Plan(o)
			if len(p.Terms) > 32 || p.Everything && p.Expression+p.Without != "" {
				t.Errorf("%q: plan %+v", text, p)
			}
			for _, expression := range []string{p.Expression, p.Without} {
				if expression == "" {
					continue
				}
				if !printed.MatchString(expression) {
					t.Errorf("%q is printed as %s", text, expression)
				}
				var n int
				if err := databases[i].QueryRow("SELECT count(*) FROM t WHERE t MATCH ?", expression).Scan(&n); err != nil {
					t.Errorf("%q, printed as %s: %v", text, expression, err)
				}
			}
		}
	})
}
