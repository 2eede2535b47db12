// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/tidwall/btree"

	"github.com/lupasearch/lupa/services/lupa/internal/column"
	"github.com/lupasearch/lupa/services/lupa/internal/fts5"
)

// maxExact bounds what is matched as a whole, in bytes.
const maxExact = 256

// wholeHash is equal for texts that are matched as a whole: those with the same
// stems, or words without case and diacritics. ok is false for a text without words
// and one that is too long. Two texts in 10^19 are taken for one another.
func wholeHash(analyzer *fts5.Analyzer, text string) (hash uint64, ok bool) {
	if len(text) > maxExact {
		return 0, false
	}
	var words []string
	for _, token := range analyzer.Tokens(text) {
		words = append(words, cmp.Or(token.Stem, token.Word))
	}
	h := fnv.New64a()
	io.WriteString(h, strings.Join(words, " ")) //nolint:errcheck // a hash takes everything
	return h.Sum64(), len(words) > 0
}

// An exactEntry says that a document has a value in a field.
type exactEntry struct {
	hash            uint64
	document, field uint32
}

// entrySize is that of an entry as it is written: its three numbers,
// little-endian.
const entrySize = 16

// An exactBuilder makes the list of values that are matched as a whole, in the
// background. It is for one goroutine.
type exactBuilder struct {
	batch   []exactText
	batches chan []exactText
	workers sync.WaitGroup
	mu      sync.Mutex
	entries []exactEntry
}

type exactText struct {
	text            string
	document, field uint32
}

// exactBatch is how many values go to a worker at once.
const exactBatch = 512

func newExactBuilder(analyzer *fts5.Analyzer) *exactBuilder {
	b := &exactBuilder{batches: make(chan []exactText, runtime.GOMAXPROCS(0))}
	for range max(1, runtime.GOMAXPROCS(0)-1) {
		b.workers.Go(func() {
			var own []exactEntry
			for batch := range b.batches {
				for _, one := range batch {
					if hash, ok := wholeHash(analyzer, one.text); ok {
						own = append(own, exactEntry{hash, one.document, one.field})
					}
				}
			}
			b.mu.Lock()
			b.entries = append(b.entries, own...)
			b.mu.Unlock()
		})
	}
	return b
}

func (b *exactBuilder) add(text string, document, field int) {
	b.batch = append(b.batch, exactText{text, uint32(document), uint32(field)})
	if len(b.batch) == exactBatch {
		b.batches <- b.batch
		b.batch = nil
	}
}

// close waits for the workers. It may be called again.
func (b *exactBuilder) close() {
	if b.batches == nil {
		return
	}
	b.batches <- b.batch
	close(b.batches)
	b.workers.Wait()
	b.batches = nil
}

// encode writes the entries in order.
func (b *exactBuilder) encode() []byte {
	b.close()
	slices.SortFunc(b.entries, compareExact)
	out := make([]byte, 0, entrySize*len(b.entries))
	for _, e := range b.entries {
		out = binary.LittleEndian.AppendUint64(out, e.hash)
		out = binary.LittleEndian.AppendUint32(out, e.document)
		out = binary.LittleEndian.AppendUint32(out, e.field)
	}
	return out
}

// An exactList is what encode wrote, and what came since.
type exactList struct {
	built []byte
	added *btree.BTreeG[exactEntry] // nil for nothing
}

func newExactList(built []byte, documents, fields int) (exactList, error) {
	l := exactList{built: built}
	return l, l.check(documents, fields)
}

func (l exactList) at(i int) exactEntry {
	data := l.built[entrySize*i:]
	return exactEntry{binary.LittleEndian.Uint64(data), binary.LittleEndian.Uint32(data[8:]), binary.LittleEndian.Uint32(data[12:])}
}

// check makes sure that the entries are of so many documents and fields.
func (l exactList) check(documents, fields int) error {
	if len(l.built)%entrySize != 0 {
		return fmt.Errorf("it has %d bytes", len(l.built))
	}
	for i := range len(l.built) / entrySize {
		if e := l.at(i); e.document < 1 || int(e.document) > documents || int(e.field) >= fields {
			return fmt.Errorf("entry %d is of document %d and field %d", i, e.document, e.field)
		}
	}
	return nil
}

// with is the list with more entries.
func (l exactList) with(entries []exactEntry) exactList {
	if len(entries) == 0 {
		return l
	}
	next := l
	if l.added == nil {
		next.added = btree.NewBTreeGOptions(func(a, b exactEntry) bool { return compareExact(a, b) < 0 }, btree.Options{NoLocks: true})
	} else {
		next.added = l.added.Copy()
	}
	for _, e := range entries {
		next.added.Set(e)
	}
	return next
}

func compareExact(x, y exactEntry) int {
	return cmp.Or(cmp.Compare(x.hash, y.hash), cmp.Compare(x.document, y.document), cmp.Compare(x.field, y.field))
}

// find gives the entries with a hash of documents that are not gone, by document;
// limit bounds them.
func (l exactList) find(hash uint64, gone column.Set, limit int) []exactEntry {
	low, high := 0, len(l.built)/entrySize
	for low < high {
		if middle := (low + high) / 2; l.at(middle).hash < hash {
			low = middle + 1
		} else {
			high = middle
		}
	}
	var found []exactEntry
	for ; low < len(l.built)/entrySize && len(found) < limit; low++ {
		e := l.at(low)
		if e.hash != hash {
			break
		}
		if gone == nil || !gone.Has(e.document) {
			found = append(found, e)
		}
	}
	if l.added == nil {
		return found
	}
	l.added.Ascend(exactEntry{hash: hash}, func(e exactEntry) bool {
		if e.hash != hash || len(found) >= limit {
			return false
		}
		if !gone.Has(e.document) {
			found = append(found, e)
		}
		return true
	})
	return found
}
