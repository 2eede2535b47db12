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
)

// wordNetFiles are WordNet's data files and the letters of their synsets' ids.
var wordNetFiles = []struct{ name, letter string }{
	{"data.noun", "n"},
	{"data.verb", "v"},
	{"data.adj", "a"},
	{"data.adv", "r"},
}

// WordNet reads WordNet's data files from a folder: a document for each synset,
// with the ids, and the fields, that are searched in Lupa's demo.
func WordNet(folder string) (*Collection, error) {
	c := &Collection{Name: "wordnet", Language: "en", Fields: []Field{{Name: "words", Weight: 4, Names: true, Separator: ", "}, {Name: "gloss", Weight: 1}}}
	for _, file := range wordNetFiles {
		f, err := os.Open(filepath.Join(folder, file.name))
		if err != nil {
			return nil, err
		}
		documents, err := readSynsets(f, file.letter)
		f.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.name, err)
		}
		c.Documents = append(c.Documents, documents...)
	}
	return c, c.Check()
}

// readSynsets reads lines as wndb(5WN) describes them:
//
//	offset file type count word id [word id…] pointers… | gloss
//
// where count is hexadecimal. Lines of the licence begin with two spaces.
func readSynsets(r io.Reader, letter string) ([]Document, error) {
	var documents []Document
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for number := 1; scanner.Scan(); number++ {
		if strings.HasPrefix(scanner.Text(), "  ") {
			continue
		}
		d, err := synset(scanner.Text(), letter)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		documents = append(documents, d)
	}
	return documents, scanner.Err()
}

func synset(line, letter string) (Document, error) {
	data, gloss, found := strings.Cut(line, "|")
	fields := strings.Fields(data)
	if !found || len(fields) < 6 {
		return Document{}, fmt.Errorf("not a synset: %q", line)
	}
	count, err := strconv.ParseUint(fields[3], 16, 8)
	if err != nil || len(fields) < 4+2*int(count) {
		return Document{}, fmt.Errorf("%q is not the number of its words", fields[3])
	}
	var words []string
	for i := range int(count) {
		// An adjective may end in a marker of its position, such as "(ip)".
		word, _, _ := strings.Cut(fields[4+2*i], "(")
		words = append(words, strings.ReplaceAll(word, "_", " "))
	}
	values := []string{strings.Join(words, ", "), strings.TrimSpace(gloss)}
	return Document{letter + fields[0], values}, nil
}
