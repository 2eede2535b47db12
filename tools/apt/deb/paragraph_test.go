// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

func TestDecoder(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want []deb.Paragraph
		err  string
	}{
		{name: "empty", in: ""},
		{name: "only blank lines", in: "\n\n \n"},
		{
			name: "two paragraphs, the last without newline",
			in:   "\nPackage: a\nDepends: b,\n c (>= 1)\n\n\n# remark\nPackage: d\nEmpty:",
			want: []deb.Paragraph{
				{{Name: "Package", Value: "a"}, {Name: "Depends", Value: "b,\n c (>= 1)"}},
				{{Name: "Package", Value: "d"}, {Name: "Empty", Value: ""}},
			},
		},
		{name: "carriage returns", in: "A: 1\r\nB: 2\r\n", want: []deb.Paragraph{{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}}},
		{name: "orphan continuation", in: "\n x\n", err: "in:2: continuation line before any field"},
		{name: "no colon", in: "Package: a\nrubbish\n", err: `in:2: "rubbish" is not a field (want Name: value)`},
		{name: "twice", in: "A: 1\na: 2\n", err: "in:2: field a is given twice"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := decodeAll(tt.in)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if message != tt.err {
				t.Fatalf("error %q, want %q", message, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" && tt.err == "" {
				t.Errorf("paragraphs (-want +got):\n%s", diff)
			}
		})
	}
}

func decodeAll(in string) ([]deb.Paragraph, error) {
	var all []deb.Paragraph
	d := deb.NewDecoder(strings.NewReader(in), "in")
	for {
		p, err := d.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, p)
	}
}

func TestParagraphString(t *testing.T) {
	const in = "Package: a\nDescription: short\n long\n .\n more\nConffiles:\n /etc/x 1\n"
	all, err := decodeAll(in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, all[0].String()); diff != "" {
		t.Errorf("String (-want +got):\n%s", diff)
	}
	if got := all[0].Value("package"); got != "a" {
		t.Errorf("Value(package) = %q, want a", got)
	}
}
