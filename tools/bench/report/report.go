// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package report is the one form in which benchmarks say what they measured: as
// text at a terminal, as Markdown for documents, as JSON for programs.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
)

// A Report is what one run of a benchmark found.
type Report struct {
	Benchmark string            `json:"benchmark"`
	Facts     map[string]string `json:"facts"` // what was measured, where
	Tables    []Table           `json:"tables"`
	Notes     []string          `json:"notes,omitempty"` // what a reader must know
}

// A Table has named columns and, in each row, a value for each: a string, an int
// or a float64. A nil value is one that there is not.
type Table struct {
	Title   string   `json:"title"`
	Columns []Column `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// A Column is what the values below its name are. Digits is how many digits of a
// float64 are shown behind the point; JSON has all.
type Column struct {
	Name   string `json:"name"`
	Unit   string `json:"unit,omitempty"`
	Digits int    `json:"-"`
}

// Add appends a row. It panics if the number of values is not that of columns.
func (t *Table) Add(values ...any) {
	if len(values) != len(t.Columns) {
		panic(fmt.Sprintf("report: %d values for %d columns of %q", len(values), len(t.Columns), t.Title))
	}
	t.Rows = append(t.Rows, values)
}

// heading is a column's name with its unit.
func (c Column) heading() string {
	if c.Unit == "" {
		return c.Name
	}
	return c.Name + " (" + c.Unit + ")"
}

// cell shows a value in a column.
func (c Column) cell(value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case float64:
		return fmt.Sprintf("%.*f", c.Digits, v)
	default:
		return fmt.Sprint(v)
	}
}

func (t Table) cells(row []any) []string {
	cells := make([]string, len(row))
	for i, value := range row {
		cells[i] = t.Columns[i].cell(value)
	}
	return cells
}

func (t Table) headings() []string {
	var all []string
	for _, c := range t.Columns {
		all = append(all, c.heading())
	}
	return all
}

// Text shows a report at a terminal.
func (r *Report) Text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n", r.Benchmark)
	for _, fact := range r.facts() {
		fmt.Fprintf(&out, "  %s: %s\n", fact, r.Facts[fact])
	}
	for _, t := range r.Tables {
		fmt.Fprintf(&out, "\n%s\n", t.Title)
		w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "  "+strings.Join(t.headings(), "\t"))
		for _, row := range t.Rows {
			fmt.Fprintln(w, "  "+strings.Join(t.cells(row), "\t"))
		}
		w.Flush() //nolint:errcheck // a strings.Builder takes everything
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&out, "\n%s\n", note)
	}
	return out.String()
}

// Markdown shows a report in a document.
func (r *Report) Markdown() string {
	var out strings.Builder
	fmt.Fprintf(&out, "# %s\n", r.Benchmark)
	for _, fact := range r.facts() {
		fmt.Fprintf(&out, "- %s: %s\n", fact, r.Facts[fact])
	}
	for _, t := range r.Tables {
		fmt.Fprintf(&out, "\n## %s\n\n", t.Title)
		writeLine(&out, t.headings())
		writeLine(&out, strings.Split(strings.Repeat("---|", len(t.Columns)-1)+"---", "|"))
		for _, row := range t.Rows {
			writeLine(&out, t.cells(row))
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&out, "\n%s\n", note)
	}
	return out.String()
}

func writeLine(out *strings.Builder, cells []string) {
	for _, cell := range cells {
		out.WriteString("| " + strings.ReplaceAll(cell, "|", `\|`) + " ")
	}
	out.WriteString("|\n")
}

// Write writes a report to a file: JSON or Markdown, as the name ends in .json or
// .md.
func (r *Report) Write(file string) error {
	switch filepath.Ext(file) {
	case ".md":
		return os.WriteFile(file, []byte(r.Markdown()), 0o644)
	case ".json":
		var out bytes.Buffer
		e := json.NewEncoder(&out)
		e.SetIndent("", "  ")
		if err := e.Encode(r); err != nil {
			return err
		}
		return os.WriteFile(file, out.Bytes(), 0o644)
	}
	return fmt.Errorf("%s: a report's name ends in .json or .md", file)
}

// facts are the names of the facts, in alphabetical order.
func (r *Report) facts() []string {
	return slices.Sorted(maps.Keys(r.Facts))
}
