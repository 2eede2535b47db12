// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package deb

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A Field is one field of a control paragraph. Value is the text after the colon
// without surrounding spaces; lines after the first keep their leading space, as
// in the file, and are separated by newlines.
type Field struct {
	Name  string
	Value string
}

// A Paragraph is a list of fields in the order of the file. The zero value is an
// empty paragraph.
type Paragraph []Field

// Value returns the value of the named field, or "". Names match in any case.
func (p Paragraph) Value(name string) string {
	v, _ := p.Lookup(name)
	return v
}

// Lookup returns the value of the named field and whether it exists.
func (p Paragraph) Lookup(name string) (string, bool) {
	for _, f := range p {
		if strings.EqualFold(f.Name, name) {
			return f.Value, true
		}
	}
	return "", false
}

// String renders the paragraph as it stands in a control file, each field ended
// by a newline and no empty line at the end.
func (p Paragraph) String() string {
	var b strings.Builder
	for _, f := range p {
		b.WriteString(f.Name)
		b.WriteByte(':')
		if f.Value != "" && f.Value[0] != '\n' {
			b.WriteByte(' ')
		}
		b.WriteString(f.Value)
		b.WriteByte('\n')
	}
	return b.String()
}

// A Decoder reads paragraphs separated by empty lines.
type Decoder struct {
	r    *bufio.Reader
	name string
	line int
}

// NewDecoder returns a Decoder of r. Errors name the input as name.
func NewDecoder(r io.Reader, name string) *Decoder {
	return &Decoder{r: bufio.NewReaderSize(r, 1<<16), name: name}
}

// Next returns the next paragraph, or io.EOF after the last one.
func (d *Decoder) Next() (Paragraph, error) {
	var p Paragraph
	for {
		line, err := d.r.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("%s:%d: %w", d.name, d.line+1, err)
		}
		atEnd := err != nil
		if line != "" {
			d.line++
		}
		blank := strings.TrimRight(line, " \t\r\n") == ""
		if blank && len(p) > 0 || atEnd && blank && len(p) == 0 {
			if len(p) == 0 {
				return nil, io.EOF
			}
			return p, nil
		}
		if !blank {
			if p, err = d.add(p, strings.TrimRight(line, "\r\n")); err != nil {
				return nil, err
			}
		}
		if atEnd {
			return p, nil
		}
	}
}

// add appends one non-empty line to p.
func (d *Decoder) add(p Paragraph, line string) (Paragraph, error) {
	switch line[0] {
	case '#':
		return p, nil
	case ' ', '\t':
		if len(p) == 0 {
			return nil, fmt.Errorf("%s:%d: continuation line before any field", d.name, d.line)
		}
		p[len(p)-1].Value += "\n" + line
		return p, nil
	}
	name, value, ok := strings.Cut(line, ":")
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return nil, fmt.Errorf("%s:%d: %.40q is not a field (want Name: value)", d.name, d.line, line)
	}
	if _, dup := p.Lookup(name); dup {
		return nil, fmt.Errorf("%s:%d: field %s is given twice", d.name, d.line, name)
	}
	return append(p, Field{Name: name, Value: strings.TrimSpace(value)}), nil
}
