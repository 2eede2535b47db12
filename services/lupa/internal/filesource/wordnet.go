// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package filesource

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// WordNetColumns are what the WordNet format offers for fields: the synset's
// words, its part of speech, and its gloss.
var WordNetColumns = []string{"words", "pos", "gloss"}

// wordNetFiles are read in this order. Synsets are numbered per file, so an id is
// the file's letter and the number.
var wordNetFiles = []struct {
	name   string
	prefix byte
}{
	{"data.noun", 'n'},
	{"data.verb", 'v'},
	{"data.adj", 'a'},
	{"data.adv", 'r'},
}

// partOfSpeech spells the types of wndb(5WN) out.
var partOfSpeech = map[string]string{
	"n": "noun",
	"v": "verb",
	"a": "adjective",
	"s": "adjective",
	"r": "adverb",
}

// readWordNet reads a data file in the format of the manual page wndb(5WN):
//
//	offset file type count word id [word id…] pointers… | gloss
//
// with count in hexadecimal, underscores for spaces in words, and a licence at
// the top in lines that begin with two spaces.
func readWordNet(r io.Reader, prefix byte, to *queue) error {
	for in := newLines(r); ; {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			if err := to.refuse(in.number, err); err != nil {
				return err
			}
			continue
		case bytes.HasPrefix(line, []byte("  ")):
			continue
		}
		synset, err := parseSynset(string(line))
		if err != nil {
			if err := to.refuse(in.number, err); err != nil {
				return err
			}
			continue
		}
		d := catalog.Document{ID: string(prefix) + synset.offset, Values: make([]catalog.Value, len(to.options.Columns))}
		for i, column := range to.options.Columns {
			texts := synset.columns[slices.Index(WordNetColumns, column.From)]
			if d.Values[i], err = column.Value(texts); err != nil {
				break
			}
		}
		if err != nil {
			if err := to.refuse(in.number, invalid("%v", err)); err != nil {
				return err
			}
			continue
		}
		if err := to.add(in.number, d); err != nil {
			return err
		}
	}
}

type synset struct {
	offset  string
	columns [3][]string // as WordNetColumns
}

func parseSynset(line string) (synset, error) {
	data, gloss, ok := strings.Cut(line, "|")
	if !ok {
		return synset{}, invalid("no '|' before a gloss")
	}
	fields := strings.Fields(data)
	if len(fields) < 6 {
		return synset{}, invalid("%d fields before the gloss; a synset has at least 6", len(fields))
	}
	pos, ok := partOfSpeech[fields[2]]
	if !ok {
		return synset{}, invalid("type of synset %q; one of n, v, a, s, r is wanted", fields[2])
	}
	count, err := strconv.ParseUint(fields[3], 16, 8)
	if err != nil || len(fields) < 4+2*int(count) {
		return synset{}, invalid("number of words %q does not fit the line", fields[3])
	}
	words := make([]string, 0, count)
	for i := range int(count) {
		words = append(words, word(fields[4+2*i]))
	}
	return synset{fields[0], [3][]string{words, {pos}, {strings.TrimSpace(gloss)}}}, nil
}

// word takes an adjective's syntactic marker off, such as in "galore(ip)", and
// gives the spaces back.
func word(s string) string {
	if strings.HasSuffix(s, ")") {
		if at := strings.LastIndexByte(s, '('); at > 0 {
			s = s[:at]
		}
	}
	return strings.ReplaceAll(s, "_", " ")
}
