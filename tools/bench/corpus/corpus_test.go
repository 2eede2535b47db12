// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package corpus_test

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/metric"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A small collection in CISI's form, not of its texts: trailing spaces, two
// authors, a second section of a kind, cross-references, queries of two forms, and
// one without judgements.
var small = map[string]string{
	"CISI.ALL": ".I 1\n.T\nOn Boxes\n.A\nBox, A.\n.A\nLid, B.\n.W\n   Boxes are\nfull of boxes.\n.X\n1\t5\t1\n.I 2\n.T \nOn Lids\n.A \nLid, B.\n.W\nLids close.\n.X\n2\t1\t2\n",
	"CISI.QRY": ".I 1\n.W\nWhat is full\nof boxes?\n\n\n.I 2\n.T\nClosing\n.A\nC.\n.W\n Lids.\n.B\n(Lids, 1)\n.I 3\n.W\nNothing\n.I 4\n.W\nboxes\n",
	"CISI.REL": "     1      1\t0\t0.000000\n     2      2\t0\t0.000000\n     2      1\t0\t0.000000\n     4      1\t0\t0.000000\n",
}

func TestCISI(t *testing.T) {
	dir := folder(t, small)
	queries := map[corpus.Half][]corpus.Query{
		corpus.Tune: {
			{ID: "2", Kind: "abstract", Text: "Closing Lids.", Relevant: metric.Judgements{"1": 1, "2": 1}},
			{ID: "4", Kind: "question", Text: "boxes", Relevant: metric.Judgements{"1": 1}},
		},
		corpus.Holdout: {{ID: "1", Kind: "question", Text: "What is full of boxes?", Relevant: metric.Judgements{"1": 1}}},
	}
	for half, want := range queries {
		got, err := corpus.CISI(dir, half)
		if err != nil {
			t.Fatal(err)
		}
		whole := &corpus.Collection{
			Name: "cisi", Language: "en", Fields: []corpus.Field{{Name: "title", Weight: 2, Names: true}, {Name: "author", Weight: 1}, {Name: "body", Weight: 1}},
			Documents: []corpus.Document{
				{ID: "1", Values: []string{"On Boxes", "Box, A. Lid, B.", "Boxes are full of boxes."}},
				{ID: "2", Values: []string{"On Lids", "Lid, B.", "Lids close."}},
			},
			Queries: want,
		}
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", half, diff)
		}
	}
}

func TestCISIErrors(t *testing.T) {
	tests := []struct{ name, file, content, want string }{
		{"no folder", "", "", "no such file"},
		{"text before a document", "CISI.ALL", "text\n", `line 1: text outside of a section: "text"`},
		{"unknown document", "CISI.REL", "2 9 0 0\n", `query "2" judges document "9", which is not there`},
		{"half a judgement", "CISI.REL", "2\n", "line 1"},
		{"query without a number", "CISI.QRY", ".I x\n.W\ny\n", `query "x" is not a number`},
		{"a document twice", "CISI.ALL", ".I 1\n.W\na\n.I 1\n.W\nb\n", `document "1" is there twice`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := map[string]string{}
			for name, content := range small {
				files[name] = content
			}
			dir := filepath.Join(t.TempDir(), "none")
			if test.file != "" {
				files[test.file] = test.content
				dir = folder(t, files)
			}
			if _, err := corpus.CISI(dir, corpus.Tune); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestWordNet(t *testing.T) {
	dir := folder(t, map[string]string{
		"data.noun": "  1 licence\n00001740 03 n 02 physical_entity 0 thing 1 001 ~ 00001930 n 0000 | that which exists  \n",
		"data.verb": "00001740 29 v 01 breathe 0 000 01 + 02 00 | draw air; \"I breathe\"\n",
		"data.adj":  "00014490 00 s 01 galore(ip) 0 001 & 00013887 a 0000 | in great numbers\n",
		"data.adv":  "00001740 02 r 01 a_cappella 0 000 | without accompaniment\n",
	})
	got, err := corpus.WordNet(dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []corpus.Document{
		{ID: "n00001740", Values: []string{"physical entity, thing", "that which exists"}},
		{ID: "v00001740", Values: []string{"breathe", "draw air; \"I breathe\""}},
		{ID: "a00014490", Values: []string{"galore", "in great numbers"}},
		{ID: "r00001740", Values: []string{"a cappella", "without accompaniment"}},
	}
	if diff := cmp.Diff(want, got.Documents); diff != "" {
		t.Errorf("documents (-want +got):\n%s", diff)
	}
	for _, bad := range []string{"00001740 03 n 01 x 0 000\n", "00001740 03 n 09 x 0 000 | short\n", "| \n"} {
		dir := folder(t, map[string]string{"data.noun": bad})
		if _, err := corpus.WordNet(dir); err == nil || !strings.Contains(err.Error(), "data.noun: line 1: ") {
			t.Errorf("%q: error %v, want one with file and line", bad, err)
		}
	}
}

func TestContents(t *testing.T) {
	list := "bin/a b/c  \t admin/x,shells/y\nbad\xff\tz\n"
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write([]byte(list)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []corpus.Document{{ID: "1", Values: []string{"bin/a b/c", "admin/x,shells/y"}}, {ID: "2", Values: []string{"bad\uFFFD", "z"}}}
	for name, content := range map[string]string{"plain": list, "packed": packed.String()} {
		got, err := corpus.Contents(strings.NewReader(content))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got.Documents); diff != "" {
			t.Errorf("%s: documents (-want +got):\n%s", name, diff)
		}
	}
	if _, err := corpus.Contents(strings.NewReader("one\n")); err == nil || !strings.Contains(err.Error(), "line 1: ") {
		t.Errorf("a line of one word: error %v, want one with the line", err)
	}
	if _, err := corpus.Contents(strings.NewReader(packed.String()[:packed.Len()-6])); err == nil {
		t.Error("no error for a file that was cut off")
	}
}

func TestReadQueries(t *testing.T) {
	got, err := corpus.ReadQueries(strings.NewReader("# comment\n\ns01\tsynonym\tdomestic dog\tn1=2 n2=1\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := []corpus.Query{{ID: "s01", Kind: "synonym", Text: "domestic dog", Relevant: metric.Judgements{"n1": 2, "n2": 1}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, bad := range []string{"a\tb\tc", "a\tb\tc\tn1", "a\tb\tc\tn1=0", "a\tb\tc\tn1=x", "a\tb\tc\tn1=1 n1=2"} {
		if _, err := corpus.ReadQueries(strings.NewReader(bad)); err == nil || !strings.Contains(err.Error(), "line 1: ") {
			t.Errorf("%q: error %v, want one with the line", bad, err)
		}
	}
}

func TestCheck(t *testing.T) {
	collection := func(q ...corpus.Query) *corpus.Collection {
		return &corpus.Collection{
			Name: "c", Fields: []corpus.Field{{Name: "a", Weight: 1}},
			Documents: []corpus.Document{{ID: "1", Values: []string{"x"}}}, Queries: q,
		}
	}
	good := corpus.Query{ID: "q", Relevant: metric.Judgements{"1": 1}}
	if err := collection(good).Check(); err != nil {
		t.Error(err)
	}
	short := collection()
	short.Documents[0].Values = nil
	for want, c := range map[string]*corpus.Collection{
		`query "q" is there twice`:              collection(good, good),
		`query "q" has no relevant document`:    collection(corpus.Query{ID: "q"}),
		`query "q" judges document "2"`:         collection(corpus.Query{ID: "q", Relevant: metric.Judgements{"1": 1, "2": 1}}),
		`document "1" has 0 values for 1 field`: short,
	} {
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
}
