// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package fts5 adds to SQLite's FTS5 a tokenizer that splits text into words
// without case and diacritics and their stems, and a scorer that keeps the best of
// all matching rows. Both are C, and on every SQLite connection of a program that
// uses this package; Analyzer and Search are how Go meets them.
package fts5

/*
#cgo LDFLAGS: -lstemmer -lm
#include <malloc.h>
#include <stdlib.h>
#include "tokenizer.h"
*/
import "C"

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"unsafe"

	_ "github.com/mattn/go-sqlite3" // the SQLite that the C files call
)

// A Kind is a way of splitting text.
type Kind string

// The kinds there are.
const (
	// Unicode splits at what is neither letter nor number (Unicode 6.1), and takes
	// off case and diacritics. With a language, words are also found by their stem.
	Unicode Kind = "unicode61"
	// Porter is Unicode for English with Porter's stemmer of 1980.
	Porter Kind = "porter"
	// Trigram finds any part of a text of three characters or more.
	Trigram Kind = "trigram"
)

// A Spec says how text is split. The zero value is Unicode without a language.
type Spec struct {
	Kind     Kind
	Language string // a key of Languages, or "" for none; with Unicode only
}

// Stem marks a stem among an index's terms.
const Stem = '\x01'

// Exact at the beginning of a query's phrase makes it match words, not stems.
const Exact = '\uE003'

// MinTrigram is the least number of characters that Trigram finds.
const MinTrigram = 3

// Stems tells whether the index has stems besides words.
func (s Spec) Stems() bool { return s.Language != "" || s.Kind == Porter }

// arguments are those of FTS5's tokenize option.
func (s Spec) arguments() ([]string, error) {
	switch s.Kind {
	case "", Unicode:
		if s.Language == "" {
			return []string{"unicode61", "remove_diacritics", "2"}, nil
		}
		stemmer, ok := stemmers[s.Language]
		if !ok {
			return nil, fmt.Errorf("language %q has no stemmer; those with one are %s", s.Language, strings.Join(Languages(), ", "))
		}
		return []string{"lupa", stemmer}, nil
	case Porter:
		return []string{"lupa", "porter"}, nil
	case Trigram:
		return []string{"trigram", "remove_diacritics", "1"}, nil
	}
	return nil, fmt.Errorf("unknown tokenizer %q", s.Kind)
}

// FTS5 gives the value of FTS5's tokenize option.
func (s Spec) FTS5() (string, error) {
	arguments, err := s.arguments()
	return strings.Join(arguments, " "), err
}

// stemmers are libstemmer's names by ISO 639-1 code.
var stemmers = map[string]string{
	"ar": "arabic", "ca": "catalan", "da": "danish", "de": "german", "el": "greek", "en": "english",
	"es": "spanish", "eu": "basque", "fi": "finnish", "fr": "french", "ga": "irish", "hi": "hindi",
	"hu": "hungarian", "hy": "armenian", "id": "indonesian", "it": "italian", "lt": "lithuanian",
	"ne": "nepali", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian",
	"sr": "serbian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}

// Languages lists the ISO 639-1 codes of the languages that have a stemmer.
func Languages() []string {
	codes := make([]string, 0, len(stemmers))
	for code := range stemmers {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return codes
}

// install adds tokenizer and scorer to SQLite, once.
var install = sync.OnceValue(func() error {
	if rc := C.lupa_install(); rc != 0 {
		return fmt.Errorf("add the tokenizer to SQLite: result code %d; was it built with FTS5?", rc)
	}
	return nil
})

// Install makes every SQLite connection opened from now on have the tokenizer and
// the scorer.
func Install() error { return install() }

// Trim gives memory that is not used any more back to the system: Go's, and C's,
// which keeps what large work has freed.
func Trim() {
	C.malloc_trim(0)
	debug.FreeOSMemory()
}

// A Token is a word of a text.
type Token struct {
	Start, End int    // its place in the text, in bytes
	Word       string // without case and diacritics
	Stem       string // behind the mark Stem; empty where there is none
}

// An Analyzer splits text as a collection's index does. It is safe for concurrent
// use.
type Analyzer struct {
	spec Spec
	free chan *C.lupa_analyzer
}

// New makes an Analyzer. What it holds outside of Go's memory goes with it.
func New(spec Spec) (*Analyzer, error) {
	if err := Install(); err != nil {
		return nil, err
	}
	a := &Analyzer{spec: spec, free: make(chan *C.lupa_analyzer, runtime.GOMAXPROCS(0))}
	first, err := a.open()
	if err != nil {
		return nil, err
	}
	a.free <- first
	runtime.AddCleanup(a, func(free chan *C.lupa_analyzer) {
		for {
			select {
			case one := <-free:
				C.lupa_analyzer_free(one)
			default:
				return
			}
		}
	}, a.free)
	return a, nil
}

// Spec tells how the Analyzer splits.
func (a *Analyzer) Spec() Spec { return a.spec }

func (a *Analyzer) open() (*C.lupa_analyzer, error) {
	arguments, err := a.spec.arguments()
	if err != nil {
		return nil, err
	}
	argv := make([]*C.char, len(arguments))
	for i, argument := range arguments {
		argv[i] = C.CString(argument)
		defer C.free(unsafe.Pointer(argv[i]))
	}
	list := C.malloc(C.size_t(len(argv)) * C.size_t(unsafe.Sizeof(argv[0])))
	defer C.free(list)
	copy(unsafe.Slice((**C.char)(list), len(argv)), argv)
	one := C.lupa_analyzer_new((**C.char)(list), C.int(len(argv)))
	if one == nil {
		return nil, fmt.Errorf("SQLite has no tokenizer %q", strings.Join(arguments, " "))
	}
	return one, nil
}

// Tokens splits a text; nil where it has no words. Of text beyond 1 GiB the
// beginning is looked at.
func (a *Analyzer) Tokens(text string) []Token {
	if text == "" {
		return nil
	}
	text = text[:min(len(text), 1<<30)]
	var one *C.lupa_analyzer
	select {
	case one = <-a.free:
	default:
		var err error
		if one, err = a.open(); err != nil {
			panic(err) // it was opened before, so memory has run out
		}
	}
	defer func() {
		select {
		case a.free <- one:
		default:
			C.lupa_analyzer_free(one)
		}
	}()
	var size C.size_t
	var failed C.int
	data := C.lupa_analyze(one, (*C.char)(unsafe.Pointer(unsafe.StringData(text))), C.int(len(text)), &size, &failed)
	if failed != 0 {
		panic("out of memory") // as Go's own allocations do
	}
	return decode(unsafe.Slice((*byte)(data), int(size)))
}

// headSize is that of a record before its token: four 32-bit numbers.
const headSize = 16

// decode reads what lupa_analyze wrote.
func decode(records []byte) []Token {
	if len(records) == 0 {
		return nil
	}
	tokens := make([]Token, 0, len(records)/(headSize+8)+1)
	all := string(records)
	for at := 0; at < len(records); {
		head := func(i int) int { return int(binary.NativeEndian.Uint32(records[at+4*i:])) }
		token := all[at+headSize : at+headSize+head(3)]
		if last := len(tokens) - 1; head(2) != 0 && last >= 0 {
			tokens[last].Stem = token
		} else {
			tokens = append(tokens, Token{Start: head(0), End: head(1), Word: token})
		}
		at += headSize + len(token)
	}
	return tokens
}
