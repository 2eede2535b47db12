// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/metric"
)

// A Half is one of two fixed parts of a collection's queries.
type Half int

const (
	// Tune has the queries with even numbers: look at it as often as you like.
	Tune Half = iota
	// Holdout has those with odd numbers: kept for a last look, so that figures
	// come from queries that nothing was chosen by.
	Holdout
)

func (h Half) String() string {
	if h == Holdout {
		return "holdout"
	}
	return "tune"
}

func (h Half) has(query int) bool { return query%2 == int(h) }

// CISI reads the CISI test collection from a folder with CISI.ALL (documents),
// CISI.QRY (queries) and CISI.REL (pairs of query and relevant document). Queries
// are those of one half that have relevant documents.
func CISI(folder string, half Half) (*Collection, error) {
	c := &Collection{Name: "cisi", Language: "en", Fields: []Field{{Name: "title", Weight: 2, Names: true}, {Name: "author", Weight: 1}, {Name: "body", Weight: 1}}}
	documents, err := sectionsOf(filepath.Join(folder, "CISI.ALL"))
	if err != nil {
		return nil, err
	}
	for _, r := range documents {
		c.Documents = append(c.Documents, Document{r.id, []string{r.text("T"), r.text("A"), r.text("W")}})
	}
	judgements, err := cisiJudgements(filepath.Join(folder, "CISI.REL"))
	if err != nil {
		return nil, err
	}
	queries, err := sectionsOf(filepath.Join(folder, "CISI.QRY"))
	if err != nil {
		return nil, err
	}
	for _, r := range queries {
		number, err := strconv.Atoi(r.id)
		if err != nil {
			return nil, fmt.Errorf("CISI.QRY: query %q is not a number", r.id)
		}
		if j := judgements[r.id]; half.has(number) && j != nil {
			text := strings.TrimSpace(r.text("T") + " " + r.text("W"))
			c.Queries = append(c.Queries, Query{ID: r.id, Kind: kindOf(r), Text: text, Relevant: j})
		}
	}
	return c, c.Check()
}

// kindOf tells the questions from the abstracts that stand for one.
func kindOf(r record) string {
	if r.text("T") == "" {
		return "question"
	}
	return "abstract"
}

// A record is what stands between two lines ".I id": texts under lines ".X".
type record struct {
	id       string
	sections map[string][]string // by letter, lines
}

// text joins a section's lines, without repeated spaces.
func (r record) text(letter string) string {
	return strings.Join(strings.Fields(strings.Join(r.sections[letter], " ")), " ")
}

func sectionsOf(file string) ([]record, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	records, err := readSections(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return records, nil
}

func readSections(r io.Reader) ([]record, error) {
	var records []record
	letter := ""
	scanner := bufio.NewScanner(r)
	for number := 1; scanner.Scan(); number++ {
		line := strings.TrimRight(scanner.Text(), " \r")
		if id, ok := strings.CutPrefix(line, ".I "); ok {
			records = append(records, record{strings.TrimSpace(id), make(map[string][]string)})
			letter = ""
			continue
		}
		if isSection(line) {
			letter = line[1:]
			continue
		}
		switch {
		case strings.TrimSpace(line) == "":
		case len(records) == 0 || letter == "":
			return nil, fmt.Errorf("line %d: text outside of a section: %q", number, line)
		default:
			last := records[len(records)-1]
			last.sections[letter] = append(last.sections[letter], line)
		}
	}
	return records, scanner.Err()
}

func isSection(line string) bool {
	return len(line) == 2 && line[0] == '.' && line[1] >= 'A' && line[1] <= 'Z'
}

// cisiJudgements reads lines of "query document 0 0.0", each a relevant pair.
func cisiJudgements(file string) (map[string]metric.Judgements, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := make(map[string]metric.Judgements)
	scanner := bufio.NewScanner(f)
	for number := 1; scanner.Scan(); number++ {
		fields := strings.Fields(scanner.Text())
		if len(fields) == 0 {
			continue
		}
		if len(fields) < 2 {
			return nil, fmt.Errorf("%s: line %d: %q; a query and a document are wanted", file, number, scanner.Text())
		}
		if all[fields[0]] == nil {
			all[fields[0]] = make(metric.Judgements)
		}
		all[fields[0]][fields[1]] = 1
	}
	return all, scanner.Err()
}
