// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package filesource_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/filesource"
)

// read gives the documents of a source as id=value|value, its log, and its error.
func read(t *testing.T, o filesource.Options) (documents []string, log string, err error) {
	t.Helper()
	var b bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&b, nil))
	if o.ID == "" {
		o.ID = "id"
	}
	if o.OnError == "" {
		o.OnError = filesource.Fail
	}
	err = filesource.New(o).Documents(t.Context(), func(d catalog.Document) error {
		if d.ID == "refused" {
			return catalog.Errorf(catalog.CodeInvalid, "there is one with this id already")
		}
		documents = append(documents, d.ID+"="+show(d.Values))
		return nil
	})
	return documents, b.String(), err
}

// show writes values as value|value, several of one field as value+value.
func show(values []catalog.Value) string {
	var fields []string
	for _, v := range values {
		parts := slices.Clone(v.Texts)
		for _, number := range v.Numbers {
			parts = append(parts, strconv.FormatFloat(number, 'f', -1, 64))
		}
		fields = append(fields, strings.Join(parts, "+"))
	}
	return strings.Join(fields, "|")
}

// columns makes a Column of text for each name.
func columns(names ...string) []filesource.Column {
	var all []filesource.Column
	for _, name := range names {
		all = append(all, filesource.Column{From: name, Field: catalog.Field{Name: name, Kind: catalog.Text, Weight: 1}})
	}
	return all
}

func file(t *testing.T, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "rows")
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

const bom = "\xef\xbb\xbf"

func TestFormats(t *testing.T) {
	tests := []struct {
		name    string
		format  filesource.Format
		content string
		want    []string
		wantErr string // what follows the file's name
	}{
		{"jsonl", filesource.JSONL, `{"id":"a","t":"x","n":1.50}` + "\n", []string{"a=x|1.50"}, ""},
		{"jsonl: kinds of values", filesource.JSONL, `{"id":7,"t":["x",2,true,null],"n":null,"other":{}}`, []string{"7=x; 2; true|"}, ""},
		{"jsonl: mark, line ends, empty lines", filesource.JSONL, bom + "{\"id\":1}\r\n\r\n  \n{\"id\":2}", []string{"1=|", "2=|"}, ""},
		{"jsonl: escapes", filesource.JSONL, `{"id":"é","t":"a\u00e9\n"}`, []string{"é=aé\n|"}, ""},
		{"jsonl: nothing", filesource.JSONL, "", nil, ""},
		{"jsonl: no object", filesource.JSONL, "{\"id\":1}\n[1]\n", []string{"1=|"}, ":2: not a JSON object"},
		{"jsonl: null", filesource.JSONL, "null\n", nil, ":1: not a JSON object: null"},
		{"jsonl: cut off", filesource.JSONL, `{"id":1,"t":"x`, nil, ":1: not a JSON object: unexpected end"},
		{"jsonl: no id", filesource.JSONL, `{"t":"x"}`, nil, `:1: no id: key "id" is absent or empty`},
		{"jsonl: empty id", filesource.JSONL, `{"id":""}`, nil, `:1: no id`},
		{"jsonl: object inside", filesource.JSONL, `{"id":1,"t":{"a":1}}`, nil, `:1: key "t": is an object`},
		{"jsonl: list of lists", filesource.JSONL, `{"id":1,"t":[[1]]}`, nil, `:1: key "t": is a list of lists`},
		{"jsonl: bad text", filesource.JSONL, "{\"id\":1}\n{\"id\":2,\"t\":\"\xff\"}", []string{"1=|"}, ":2: the line is not valid UTF-8"},
		{"jsonl: half a surrogate pair", filesource.JSONL, `{"id":2,"t":"\ud800"}`, nil, `:1: key "t": has half of a surrogate pair`},
		{"jsonl: refused", filesource.JSONL, "{\"id\":1}\n{\"id\":\"refused\"}", []string{"1=|"}, ":2: there is one with this id already"},
		{"jsonl: too long", filesource.JSONL, "{\"id\":1}\n" + strings.Repeat("x", 16<<20+1), []string{"1=|"}, ":2: line is longer than 16777216 bytes"},

		{"csv", filesource.CSV, "n,id,t,x\n1,a,\"x, \"\"y\"\"\nz\",0\n", []string{"a=x, \"y\"\nz|1"}, ""},
		{"csv: mark, line ends", filesource.CSV, bom + "id,t,n\r\na,b,c\r\n", []string{"a=b|c"}, ""},
		{"csv: header only", filesource.CSV, "id,t,n\n", nil, ""},
		{"csv: empty", filesource.CSV, "", nil, ": the file is empty; its first line must name the columns"},
		{"csv: no column", filesource.CSV, "id,t\n", nil, `:1: there is no column "n"; the header has ["id" "t"]`},
		{"csv: short row", filesource.CSV, "id,t,n\na,b,c\nd,e\n", []string{"a=b|c"}, ":3: wrong number of fields (header has 3 columns, row has 2)"},
		{"csv: quote", filesource.CSV, "id,t,n\na,b\"c,d\n", nil, ":2: bare \" in non-quoted-field"},
		{"csv: refused behind a long value", filesource.CSV, "id,t,n\na,\"1\n2\n3\",c\nrefused,,\n", []string{"a=1\n2\n3|c"}, ":5: there is one"},
		{"csv: row without an id", filesource.CSV, "id,t,n\n,b,c\n", nil, ":2: no id: column \"id\" is empty"},
		{"csv: column twice", filesource.CSV, "id,t,n,t\n", nil, `:1: column "t" is there twice`},
		{"tsv", filesource.TSV, "id\tt\tn\na,b\tc\td\n", []string{"a,b=c|d"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			name := file(t, test.content)
			got, _, err := read(t, filesource.Options{Path: name, Format: test.format, Columns: columns("t", "n")})
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("documents differ (-want +got):\n%s", diff)
			}
			switch {
			case test.wantErr == "" && err != nil:
				t.Error(err)
			case test.wantErr != "" && (err == nil || !strings.HasPrefix(err.Error(), name+test.wantErr)):
				t.Errorf("error = %v, want FILE%s", err, test.wantErr)
			}
		})
	}
}

func TestSkip(t *testing.T) {
	for format, content := range map[filesource.Format]string{
		filesource.JSONL: "{\"id\":1}\nbad\n{\"id\":\"refused\"}\n" + strings.Repeat("x", 16<<20+1) + "\n{\"id\":2}\n",
		filesource.CSV:   "id,t\n1,x\nbad\nrefused,y\n,z\n2,x\n",
	} {
		got, log, err := read(t, filesource.Options{Path: file(t, content), Format: format, OnError: filesource.Skip, Columns: nil})
		if err != nil {
			t.Errorf("%s: %v", format, err)
		}
		if diff := cmp.Diff([]string{"1=", "2="}, got); diff != "" {
			t.Errorf("%s: documents differ (-want +got):\n%s", format, diff)
		}
		if !strings.Contains(log, "rows=3") || strings.Count(log, "row left out") != 3 {
			t.Errorf("%s: log = %.2000s, want three rows left out", format, log)
		}
	}
}

func TestErrorsThatEndItInAnyCase(t *testing.T) {
	o := filesource.Options{
		Path: file(t, "{\"id\":1}\n{\"id\":2}\n"), Format: filesource.JSONL, ID: "id", OnError: filesource.Skip, Log: slog.New(slog.DiscardHandler),
	}
	full := errors.New("disk full")
	if err := filesource.New(o).Documents(t.Context(), func(catalog.Document) error { return full }); !errors.Is(err, full) {
		t.Errorf("Documents = %v, want %v", err, full)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := filesource.New(o).Documents(ctx, func(catalog.Document) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("Documents = %v, want %v", err, context.Canceled)
	}
	for _, path := range []string{filepath.Join(t.TempDir(), "none"), t.TempDir()} {
		o.Path = path
		if _, _, err := read(t, o); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("Documents of %s = %v, want an error that names it", path, err)
		}
		if _, err := filesource.New(o).Fingerprint(t.Context()); err == nil {
			t.Errorf("Fingerprint of %s = nil, want an error", path)
		}
	}
}

func TestFingerprint(t *testing.T) {
	name := file(t, "a")
	s := filesource.New(filesource.Options{Path: name, Format: filesource.JSONL})
	print := func() string {
		got, err := s.Fingerprint(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := print()
	if err := os.Chtimes(name, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if got := print(); got != first {
		t.Errorf("fingerprint changed with the time: %s, %s", first, got)
	}
	if err := os.WriteFile(name, []byte("b"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := print(); got == first {
		t.Error("fingerprint did not change with the content")
	}
}

func TestProgress(t *testing.T) {
	content := strings.Repeat("{\"id\":1}\n", 100000)
	s := filesource.New(filesource.Options{Path: file(t, content), Format: filesource.JSONL, ID: "id", Log: slog.New(slog.DiscardHandler)})
	last := int64(0)
	err := s.Documents(t.Context(), func(catalog.Document) error {
		done, total := s.Progress()
		if done < last || done > total || total != int64(len(content)) {
			return fmt.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
		return nil
	})
	if done, total := s.Progress(); err != nil || done != total {
		t.Errorf("at the end: %d of %d, %v", done, total, err)
	}
}

func TestWordNet(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"data.noun": "  1 This is a licence.  \n00001740 03 n 01 entity 0 001 ~ 00001930 n 0000 | that which is perceived  \n" +
			"00002137 03 n 02 abstraction 0 abstract_entity 0 001 @ 00001740 n 0000 | a general | concept  \n",
		"data.verb": "00001740 29 v 01 breathe 0 000 00 | draw air  \n",
		"data.adj":  "00001740 00 s 02 galore(ip) 0 able(p) 0 000 | in great numbers  \n",
		"data.adv":  "00001740 02 r 01 a_cappella 0 000 | without music  \n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, _, err := read(t, filesource.Options{Path: dir, Format: filesource.WordNet, Columns: columns("gloss", "words", "pos")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"n00001740=that which is perceived|entity|noun",
		"n00002137=a general | concept|abstraction; abstract entity|noun",
		"v00001740=draw air|breathe|verb",
		"a00001740=in great numbers|galore; able|adjective",
		"r00001740=without music|a cappella|adverb",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("synsets differ (-want +got):\n%s", diff)
	}
	for line, wantErr := range map[string]string{
		"00001740 03 n 01 entity 0 000":                   "no '|'",
		"00001740 03 n 01 | x":                            "4 fields",
		"00001740 03 x 01 entity 0 000 | x":               `type of synset "x"`,
		"00001740 03 n zz entity 0 000 | x":               `number of words "zz"`,
		"00001740 03 n 0a entity 0 000 | more words said": `number of words "0a"`,
	} {
		if err := os.WriteFile(filepath.Join(dir, "data.verb"), []byte(line+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		_, _, err := read(t, filesource.Options{Path: dir, Format: filesource.WordNet, Columns: columns("words")})
		if err == nil || !strings.Contains(err.Error(), "data.verb:1: ") || !strings.Contains(err.Error(), wantErr) {
			t.Errorf("%q: %v, want the place and %q", line, err, wantErr)
		}
	}
}

// TestKinds reads values of every kind, out of lists, texts and numbers.
func TestKinds(t *testing.T) {
	several := []filesource.Column{
		{From: "tags", Field: catalog.Field{Kind: catalog.String, Multiple: true}, Split: ","},
		{From: "size", Field: catalog.Field{Kind: catalog.Number}},
		{From: "free", Field: catalog.Field{Kind: catalog.Bool}},
		{From: "at", Field: catalog.Field{Kind: catalog.Time}},
	}
	for _, test := range []struct {
		name, content, want, wantErr string
		format                       filesource.Format
	}{
		{"json", `{"id":1,"tags":["a","b, c"],"size":1.5,"free":true,"at":"2001-09-09T01:46:40.25Z"}`, "1=a+b+c|1.5|1|1000000000.25", "", filesource.JSONL},
		{"json in texts", `{"id":1,"tags":"a,b","size":"-2e3","free":"no","at":1000000000}`, "1=a+b|-2000|0|1000000000", "", filesource.JSONL},
		{"json of nothing", `{"id":1,"tags":[],"size":null,"at":""}`, "1=|||", "", filesource.JSONL},
		{"csv", "id,tags,size,free,at\n1,\"a, ,b\",7,y,2001-09-09\n", "1=a+b|7|1|999993600", "", filesource.CSV},
		{"csv of nothing", "id,tags,size,free,at\n1,,,,\n", "1=|||", "", filesource.CSV},
		{"bad number", `{"id":1,"size":"7 kg"}`, "", `:1: key "size": is "7 kg", which is no number`, filesource.JSONL},
		{"not a number", `{"id":1,"size":"NaN"}`, "", `:1: key "size": is "NaN", which is no number`, filesource.JSONL},
		{"too many digits", `{"id":1,"size":9007199254740993}`, "", `:1: key "size": is 9007199254740993, which cannot be kept`, filesource.JSONL},
		{"bad boolean", `{"id":1,"free":"maybe"}`, "", `:1: key "free": is "maybe"; true or false`, filesource.JSONL},
		{"bad time", "id,tags,size,free,at\n1,,,,yesterday\n", "", `:2: column "at": is "yesterday", which is no time`, filesource.CSV},
	} {
		t.Run(test.name, func(t *testing.T) {
			name := file(t, test.content)
			got, _, err := read(t, filesource.Options{Path: name, Format: test.format, Columns: several})
			if strings.Join(got, " ") != test.want {
				t.Errorf("documents are %q, want %q", got, test.want)
			}
			if (err != nil) != (test.wantErr != "") || err != nil && !strings.HasPrefix(err.Error(), name+test.wantErr) {
				t.Errorf("error = %v, want FILE%s", err, test.wantErr)
			}
		})
	}
}
