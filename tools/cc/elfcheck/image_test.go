// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package elfcheck_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"
	"testing"
)

// image describes an ELF file to make for a test.
type image struct {
	kind        elf.Type
	interpreter string
	needed      []string
	glibc       string // version asked of libc.so.6, such as GLIBC_2.34
	dynamic     map[elf.DynTag]uint64
	stack       elf.ProgFlag
	relro       bool
	comment     []string
	buildID     []byte
	symbols     bool
	text        string
}

// section is one section of the file, before it has a place.
type section struct {
	name string
	kind elf.SectionType
	link uint32
	data []byte
}

// Numbers of sections that others link to.
const (
	dynstrIndex = 1
	dynsymIndex = 2
)

// build returns the bytes of the file. Its loaded segments are left out:
// nothing reads them.
func (im image) build(t *testing.T) []byte {
	t.Helper()
	sections := im.sections(t)
	names := []byte{0}
	sections = append(sections, section{name: ".shstrtab", kind: elf.SHT_STRTAB})
	headers := []elf.Section64{{}}
	var body bytes.Buffer
	const start = 64
	for i := range sections {
		s := &sections[i]
		nameOffset := len(names)
		names = append(append(names, s.name...), 0)
		if s.name == ".shstrtab" {
			s.data = names
		}
		headers = append(headers, elf.Section64{
			Name: uint32(nameOffset), Type: uint32(s.kind), Link: s.link,
			Off: uint64(start + body.Len()), Size: uint64(len(s.data)),
			Entsize: map[elf.SectionType]uint64{elf.SHT_DYNSYM: elf.Sym64Size}[s.kind],
		})
		body.Write(s.data)
	}
	interpreterAt := start + body.Len()
	body.WriteString(im.interpreter + "\x00" + im.text + "\x00")
	programs := im.programs(uint64(interpreterAt))
	var file bytes.Buffer
	write(t, &file, elf.Header64{
		Ident: [elf.EI_NIDENT]byte{
			0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT),
		},
		Type: uint16(im.kind), Machine: uint16(elf.EM_X86_64), Version: uint32(elf.EV_CURRENT),
		Phoff: uint64(start + body.Len()), Phentsize: 56, Phnum: uint16(len(programs)),
		Shoff:  uint64(start + body.Len() + 56*len(programs)),
		Ehsize: start, Shentsize: 64, Shnum: uint16(len(headers)), Shstrndx: uint16(len(headers) - 1),
	})
	file.Write(body.Bytes())
	write(t, &file, programs)
	write(t, &file, headers)
	return file.Bytes()
}

// sections returns the file's sections but the one of their names.
func (im image) sections(t *testing.T) []section {
	t.Helper()
	strs := []byte{0}
	add := func(text string) uint64 {
		offset := len(strs)
		strs = append(append(strs, text...), 0)
		return uint64(offset)
	}
	var dynamic, needs bytes.Buffer
	for _, library := range im.needed {
		write(t, &dynamic, [2]uint64{uint64(elf.DT_NEEDED), add(library)})
	}
	for tag, value := range im.dynamic {
		write(t, &dynamic, [2]uint64{uint64(tag), value})
	}
	if im.glibc != "" {
		write(t, &needs, []uint16{1, 1})
		write(t, &needs, []uint32{uint32(add("libc.so.6")), 16, 0})
		write(t, &needs, []uint32{0, 0, uint32(add(im.glibc)), 0})
	}
	all := []section{
		{".dynstr", elf.SHT_STRTAB, 0, strs},
		{".dynsym", elf.SHT_DYNSYM, dynstrIndex, make([]byte, 2*elf.Sym64Size)},
		{".gnu.version", elf.SHT_GNU_VERSYM, dynsymIndex, make([]byte, 4)},
		{".gnu.version_r", elf.SHT_GNU_VERNEED, dynstrIndex, needs.Bytes()},
		{".dynamic", elf.SHT_DYNAMIC, dynstrIndex, dynamic.Bytes()},
		{".comment", elf.SHT_PROGBITS, 0, []byte(strings.Join(im.comment, "\x00") + "\x00")},
	}
	if im.buildID != nil {
		var note bytes.Buffer
		write(t, &note, []uint32{4, uint32(len(im.buildID)), 3})
		note.WriteString("GNU\x00")
		note.Write(im.buildID)
		all = append(all, section{".note.gnu.build-id", elf.SHT_NOTE, 0, note.Bytes()})
	}
	if im.symbols {
		all = append(all, section{".symtab", elf.SHT_SYMTAB, dynstrIndex, nil})
	}
	return all
}

// programs returns the file's program headers.
func (im image) programs(interpreterAt uint64) []elf.Prog64 {
	all := []elf.Prog64{{Type: uint32(elf.PT_GNU_STACK), Flags: uint32(im.stack)}}
	if im.interpreter != "" {
		all = append(all, elf.Prog64{
			Type: uint32(elf.PT_INTERP), Off: interpreterAt, Filesz: uint64(len(im.interpreter) + 1),
		})
	}
	if im.relro {
		all = append(all, elf.Prog64{Type: uint32(elf.PT_GNU_RELRO)})
	}
	return all
}

// write appends a value as the file's machine lays it out.
func write(t *testing.T, to *bytes.Buffer, value any) {
	t.Helper()
	if err := binary.Write(to, binary.LittleEndian, value); err != nil {
		t.Fatal(err)
	}
}
