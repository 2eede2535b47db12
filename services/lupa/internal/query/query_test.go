// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"database/sql"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	_ "github.com/mattn/go-sqlite3" // real FTS5

	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

func TestParseAndPrint(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"  \t\n", ""},
		{"dog", `"dog"`},
		{"small dog", `("small") AND ("dog")`},
		{`"small dog"`, `"small dog"`},
		{`"small dog`, `"small dog"`},
		{`a"b c"d`, `("a") AND ("b c") AND ("d")`},
		{"anim*", `"anim"*`},
		{"anim***", `"anim"*`},
		{"a*", `"a"`},
		{"*", ""},
		{`"*"`, ""},
		{"e-mail", `"e mail"`},
		{"e-mail*", `"e mail"*`},
		{"it's", `"it s"`},
		{"dog -cat", `("dog") NOT ("cat")`},
		{"dog -cat -cow pig", `(("dog") AND ("pig")) NOT (("cat") OR ("cow"))`},
		{`dog -"black cat"`, `("dog") NOT ("black cat")`},
		{"-cat", ""},
		{"-", ""},
		{"--dog", ""},
		{"cat OR dog", `("cat") OR ("dog")`},
		{"cat or dog", `("cat") AND ("or") AND ("dog")`},
		{"OR cat OR OR dog OR", `("cat") OR ("dog")`},
		{"a b OR c -d", `(("a") AND ("b")) OR (("c") NOT ("d"))`},
		{"-a OR b", `"b"`},
		{`"OR" dog`, `("OR") AND ("dog")`},
		{"dog dog DOG", `"dog"`},
		{`name:dog {x}: ^y + NEAR(a, b)`, `("name dog") AND ("x") AND ("y") AND ("NEAR a") AND ("b")`},
		{"canción e\u0301t\u00e9", "(\"canción\") AND (\"e\u0301té\")"},
		{"\u0301\u0302", ""},
		{"dog\x00cat\x7f", `("dog") AND ("cat")`},
		{"a\xffb\xfe", `("a") AND ("b")`},
		{"日本語 😀 x", `("日本語") AND ("x")`},
		{`a "" b`, `("a") AND ("b")`},
	}
	for _, test := range tests {
		q := query.Parse(test.text)
		if got := q.FTS5(); got != test.want {
			t.Errorf("Parse(%q).FTS5() = %s, want %s", test.text, got, test.want)
		}
		if q.Empty() != (test.want == "") || q.Truncated {
			t.Errorf("Parse(%q): empty %v, truncated %v", test.text, q.Empty(), q.Truncated)
		}
	}
}

func TestLoose(t *testing.T) {
	tests := []struct {
		text, want string
		differs    bool
	}{
		{"dog", `"dog"`, false},
		{"cat OR dog", `("cat") OR ("dog")`, false},
		{"small dog", `("small") OR ("dog")`, true},
		{`small "wild dog" -cat`, `(("small") NOT ("cat")) OR (("wild dog") NOT ("cat"))`, true},
	}
	for _, test := range tests {
		loose, differs := query.Parse(test.text).Loose()
		if got := loose.FTS5(); got != test.want || differs != test.differs {
			t.Errorf("Loose of %q = %s, %v, want %s, %v", test.text, got, differs, test.want, test.differs)
		}
	}
}

func TestBounds(t *testing.T) {
	var words []string
	for i := range 100 {
		words = append(words, fmt.Sprint("w", i))
	}
	q := query.Parse(strings.Join(words, " "))
	if n := len(q.Alternatives[0].All); n != 32 || !q.Truncated {
		t.Errorf("%d terms, truncated %v, want 32", n, q.Truncated)
	}
	q = query.Parse(`"` + strings.Join(words[:20], " ") + `*"`)
	if diff := cmp.Diff(words[:8], q.Alternatives[0].All[0].Tokens); diff != "" || !q.Truncated {
		t.Errorf("truncated %v, phrase differs (-want +got):\n%s", q.Truncated, diff)
	}
	q = query.Parse(strings.Repeat("é", 2000))
	if got := q.Alternatives[0].All[0].Tokens; len(got[0]) > 1024 || !q.Truncated {
		t.Errorf("a word of %d bytes, truncated %v", len(got[0]), q.Truncated)
	}
}

// printed is all that may reach FTS5: quoted tokens, its operators, brackets.
var printed = regexp.MustCompile(`^(?:"[\pL\pN\p{Co}\x{300}-\x{36f} ]+"\*?| AND | OR | NOT |[()])*$`)

func FuzzParse(f *testing.F) {
	for _, text := range catalogtest.HostileTexts {
		f.Add(text)
	}
	db, err := sql.Open("sqlite3", "file::memory:")
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec("CREATE VIRTUAL TABLE t USING fts5(a, b, tokenize='unicode61 remove_diacritics 2'); INSERT INTO t VALUES('dog', 'a domestic animal')"); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q := query.Parse(text)
		terms := 0
		for _, a := range q.Alternatives {
			terms += len(a.All) + len(a.None)
			for _, term := range append(a.All, a.None...) {
				if len(term.Tokens) == 0 || len(term.Tokens) > 8 {
					t.Errorf("%q: a term of %d words", text, len(term.Tokens))
				}
			}
		}
		if terms > 32 {
			t.Errorf("%q: %d terms", text, terms)
		}
		loose, _ := q.Loose()
		for _, expression := range []string{q.FTS5(), loose.FTS5()} {
			if !printed.MatchString(expression) {
				t.Errorf("%q is printed as %s", text, expression)
			}
			if expression == "" {
				continue
			}
			var n int
			if err := db.QueryRow("SELECT count(*) FROM t WHERE t MATCH ?", expression).Scan(&n); err != nil {
				t.Errorf("%q, printed as %s: %v", text, expression, err)
			}
		}
	})
}
