// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package column

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// Encode writes the column: four counts, then starts, codes, the dictionary's
// lengths, numbers, and the dictionary's texts; all little-endian.
func (c *Column) Encode() []byte {
	size := 4 * (4 + len(c.starts) + len(c.codes) + len(c.dictionary) + 2*len(c.numbers))
	for _, text := range c.dictionary {
		size += len(text)
	}
	out := make([]byte, 0, size)
	for _, n := range []int{len(c.starts), len(c.codes), len(c.dictionary), len(c.numbers)} {
		out = binary.LittleEndian.AppendUint32(out, uint32(n))
	}
	for _, list := range [][]uint32{c.starts, c.codes} {
		for _, n := range list {
			out = binary.LittleEndian.AppendUint32(out, n)
		}
	}
	for _, text := range c.dictionary {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	}
	for _, number := range c.numbers {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(number))
	}
	for _, text := range c.dictionary {
		out = append(out, text...)
	}
	return out
}

var errShort = errors.New("it is cut off")

// Decode reads what Encode wrote for so many documents.
func Decode(kind catalog.Kind, data []byte, documents int) (*Column, error) {
	r := &decoder{data: data}
	counts := r.uints(4)
	if r.err != nil {
		return nil, r.err
	}
	c := &Column{kind: kind}
	if counts[0] > 0 {
		c.starts = r.uints(int(counts[0]))
	}
	c.codes = r.uints(int(counts[1]))
	lengths := r.uints(int(counts[2]))
	c.numbers = r.floats(int(counts[3]))
	c.dictionary = r.texts(lengths)
	if r.err == nil && len(r.data) > 0 {
		r.err = fmt.Errorf("%d bytes are left over", len(r.data))
	}
	if r.err != nil {
		return nil, r.err
	}
	return c, c.check(documents)
}

type decoder struct {
	data []byte
	err  error
}

func (r *decoder) take(n int) []byte {
	if r.err != nil || n > len(r.data) {
		r.err = errShort
		return nil
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *decoder) uints(n int) []uint32 {
	data := r.take(4 * n)
	out := make([]uint32, len(data)/4)
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(data[4*i:])
	}
	return out
}

func (r *decoder) floats(n int) []float64 {
	data := r.take(8 * n)
	out := make([]float64, len(data)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return out
}

func (r *decoder) texts(lengths []uint32) []string {
	total := 0
	for _, n := range lengths {
		total += int(n)
	}
	all := string(r.take(total))
	if r.err != nil {
		return nil
	}
	out := make([]string, len(lengths))
	at := 0
	for i, n := range lengths {
		out[i] = all[at : at+int(n)]
		at += int(n)
	}
	return out
}
