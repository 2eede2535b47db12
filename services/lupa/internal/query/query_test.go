// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/query"
)

// show writes a tree: [all of -none] and {any of}.
func show(n query.Node) string {
	var parts []string
	list := func(nodes []query.Node, prefix string) {
		for _, one := range nodes {
			parts = append(parts, prefix+show(one))
		}
	}
	switch n := n.(type) {
	case query.Word:
		out := n.Text
		if n.Phrase {
			out = `"` + out + `"`
		}
		if n.Prefix {
			out += "*"
		}
		if n.Field != "" {
			out = n.Field + ":" + out
		}
		if n.Count > 1 {
			out += fmt.Sprintf("(%d)", n.Count)
		}
		return out
	case query.All:
		list(n.All, "")
		list(n.None, "-")
		return "[" + strings.Join(parts, " ") + "]"
	case query.Any:
		list(n.Nodes, "")
		return "{" + strings.Join(parts, " ") + "}"
	}
	return ""
}

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"":                              "",
		"  \t\n":                        "",
		"dog":                           "dog",
		"small dog":                     "[small dog]",
		`"small dog"`:                   `"small dog"`,
		`"small dog`:                    `"small dog"`,
		`"small d"*`:                    `"small d"*`,
		`a"b c"d`:                       `[a "b c" d]`,
		"anim*":                         "anim*",
		"anim***":                       "anim*",
		"a*":                            "a",
		"*":                             "",
		`"*"`:                           "",
		"e-mail":                        "e-mail",
		"dog -cat":                      "[dog -cat]",
		"dog -cat -cow pig":             "[dog pig -cat -cow]",
		`dog -"black cat"`:              `[dog -"black cat"]`,
		"-cat":                          "[-cat]",
		"-":                             "",
		"--dog":                         "[--dog]", // of the word, the second sign is a part
		"-(-dog) a":                     "a",       // excluded from what is excluded
		"cat OR dog":                    "{cat dog}",
		"cat or dog":                    "[cat or dog]",
		"OR cat OR OR dog OR":           "{cat dog}",
		"a b OR c -d":                   "{[a b] [c -d]}",
		"-a OR b":                       "{[-a] b}",
		`"OR" dog`:                      `["OR" dog]`,
		"ORACLE":                        "ORACLE",
		"dog dog DOG":                   "dog(3)",
		"dog \"dog\" dog*":              `[dog "dog" dog*]`,
		"(a OR b) c":                    "[{a b} c]",
		"(a b)":                         "[a b]",
		"(a b) c":                       "[a b c]",
		"(a -b) c":                      "[a c -b]",
		"a -(b c)":                      "[a -[b c]]",
		"a -(b OR c)":                   "[a -{b c}]",
		"((a))":                         "a",
		"(a":                            "a",
		"a)":                            "a",
		"a) b (c":                       "[a b c]",
		"()":                            "",
		"( ) a":                         "a",
		"title:dog":                     "title:dog",
		"-title:dog a":                  "[a -title:dog]",
		`title:"big dog" text:x*`:       `[title:"big dog" text:x]`,
		"title:(a OR text:b)":           "{title:a text:b}",
		"title: dog":                    "[title: dog]", // a colon with nothing behind it names no field
		"other:dog":                     "other:dog",
		"http://a.b/c":                  "http://a.b/c",
		`name:dog {x}: ^y`:              "[name:dog {x}: ^y]",
		"dog\x00cat\x7f":                "[dog cat]",
		"a\xffb\xfe":                    "[a b]",
		"日本語 😀 x":                       "[日本語 x]",
		`a "" b`:                        "[a b]",
		"\u0301\u0302":                  "",
		strings.Repeat("(", 50) + "a b": "[a b]",
	} {
		q := query.Parse(text, []string{"title", "text"})
		if got := show(q.Root); got != want {
			t.Errorf("Parse(%q) = %s, want %s", text, got, want)
		}
		if q.Truncated {
			t.Errorf("Parse(%q) is truncated", text)
		}
	}
}

// TestPlaces wants each word's place in the text, for what replaces words.
func TestPlaces(t *testing.T) {
	q := query.Parse(`éa "b  c" (-d OR title:e*)`, []string{"title"})
	var walk func(n query.Node)
	walk = func(n query.Node) {
		switch n := n.(type) {
		case query.Word:
			if got := q.Text[n.Start:n.End]; got != n.Text {
				t.Errorf("the place of %q has %q", n.Text, got)
			}
		case query.All:
			for _, one := range append(n.All, n.None...) {
				walk(one)
			}
		case query.Any:
			for _, one := range n.Nodes {
				walk(one)
			}
		}
	}
	walk(q.Root)
}

func TestBounds(t *testing.T) {
	var words []string
	for i := range 1000 {
		words = append(words, fmt.Sprint("w", i))
	}
	q := query.Parse(strings.Join(words, " "), nil)
	if n := len(q.Root.(query.All).All); n != 256 || !q.Truncated {
		t.Errorf("%d words, truncated %v, want 256", n, q.Truncated)
	}
	q = query.Parse(strings.Repeat("é", 3000), nil)
	if w := q.Root.(query.Word); len(w.Text) > 4096 || !q.Truncated {
		t.Errorf("a word of %d bytes, truncated %v", len(w.Text), q.Truncated)
	}
}

// FuzzParse wants a tree of any text, within its bounds, whose words are where they
// say.
func FuzzParse(f *testing.F) {
	for _, text := range catalogtest.HostileTexts {
		f.Add(text)
	}
	f.Add("title:(a OR -b) -(c \"d\"* e*")
	f.Fuzz(func(t *testing.T, text string) {
		q := query.Parse(text, []string{"title", "text"})
		words := 0
		var walk func(n query.Node, depth int)
		walk = func(n query.Node, depth int) {
			if depth > 64 {
				t.Fatalf("%q: a tree deeper than its bounds", text)
			}
			switch n := n.(type) {
			case query.Word:
				words++
				if q.Text[n.Start:n.End] != n.Text || n.Text == "" || n.Count < 1 {
					t.Errorf("%q: word %+v", text, n)
				}
			case query.All:
				if len(n.All)+len(n.None) == 0 {
					t.Errorf("%q: all of nothing", text)
				}
				for _, one := range n.All {
					walk(one, depth+1)
				}
				for _, one := range n.None {
					walk(one, depth+1)
				}
			case query.Any:
				if len(n.Nodes) < 2 {
					t.Errorf("%q: any of %d", text, len(n.Nodes))
				}
				for _, one := range n.Nodes {
					walk(one, depth+1)
				}
			}
		}
		walk(q.Root, 0)
		if words > 256 {
			t.Errorf("%q: %d words", text, words)
		}
	})
}
