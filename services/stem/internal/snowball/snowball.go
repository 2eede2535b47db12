// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package snowball finds the stems of words: the part that a word's forms share.
// The stemmers are those of Snowball's C library.
package snowball

/*
#include <libstemmer.h>
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// MaxWord is the longest word that is stemmed, in bytes.
const MaxWord = 1 << 10

// Errors of Stems.
var (
	ErrLanguage = errors.New("unknown language")
	ErrWord     = errors.New("word too long")
)

// Languages returns the names that Stems takes, such as spanish.
func Languages() []string {
	var names []string
	for list := C.sb_stemmer_list(); *list != nil; {
		names = append(names, C.GoString(*list))
		list = (**C.char)(unsafe.Add(unsafe.Pointer(list), unsafe.Sizeof(*list)))
	}
	return names
}

// Stems returns the stem of each word, case aside. It is safe for concurrent use.
func Stems(language string, words ...string) ([]string, error) {
	name := C.CString(language)
	defer C.free(unsafe.Pointer(name))
	stemmer := C.sb_stemmer_new(name, nil) // nil: UTF-8
	if stemmer == nil {
		return nil, fmt.Errorf("%w %q", ErrLanguage, language)
	}
	defer C.sb_stemmer_delete(stemmer)
	stems := make([]string, 0, len(words))
	for _, word := range words {
		if len(word) > MaxWord {
			return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrWord, len(word), MaxWord)
		}
		word = strings.ToLower(word)
		// The result is the stemmer's until the next word.
		stem := C.sb_stemmer_stem(stemmer, (*C.sb_symbol)(unsafe.StringData(word+"\x00")), C.int(len(word)))
		if stem == nil {
			return nil, errors.New("no memory for a stem")
		}
		stems = append(stems, string(unsafe.Slice((*byte)(stem), C.sb_stemmer_length(stemmer))))
	}
	return stems, nil
}
