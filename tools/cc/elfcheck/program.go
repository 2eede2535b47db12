// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package elfcheck

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
)

// A Program is a linked ELF file in memory. It must not be used by several
// goroutines at once.
type Program struct {
	file *elf.File
	data []byte
}

// Parse reads data as an ELF file and keeps it.
func Parse(data []byte) (*Program, error) {
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("parse ELF file: %w", err)
	}
	return &Program{file: file, data: data}, nil
}

// BuildID returns the GNU build id in hexadecimal digits, or "" for none.
func (p *Program) BuildID() string {
	for _, section := range p.file.Sections {
		if section.Type != elf.SHT_NOTE {
			continue
		}
		if id := buildIDNote(section, p.file.ByteOrder); id != "" {
			return id
		}
	}
	return ""
}

// buildIDNote returns the description of a GNU build id note at the start of
// section, or "".
func buildIDNote(section *elf.Section, order binary.ByteOrder) string {
	const headerSize, buildIDType, owner = 12, 3, "GNU\x00"
	note, err := section.Data()
	if err != nil || len(note) < headerSize+len(owner) {
		return ""
	}
	size := order.Uint32(note[4:])
	description := note[headerSize+len(owner):]
	if order.Uint32(note[8:]) != buildIDType ||
		string(note[headerSize:headerSize+len(owner)]) != owner ||
		uint64(size) > uint64(len(description)) {
		return ""
	}
	return hex.EncodeToString(description[:size])
}

// comments returns the strings of .comment, each once.
func (p *Program) comments() ([]string, error) {
	section := p.file.Section(".comment")
	if section == nil {
		return nil, nil
	}
	data, err := section.Data()
	if err != nil {
		return nil, fmt.Errorf("read .comment: %w", err)
	}
	var found []string
	seen := map[string]bool{"": true}
	for text := range strings.SplitSeq(string(data), "\x00") {
		if !seen[text] {
			seen[text] = true
			found = append(found, text)
		}
	}
	return found, nil
}

// interpreter returns the dynamic loader, or "" for a static program.
func (p *Program) interpreter() (string, error) {
	segment := p.segment(elf.PT_INTERP)
	if segment == nil {
		return "", nil
	}
	data := make([]byte, segment.Filesz)
	if _, err := segment.ReadAt(data, 0); err != nil {
		return "", fmt.Errorf("read interpreter: %w", err)
	}
	return strings.TrimRight(string(data), "\x00"), nil
}

// segment returns the first program header of a kind, or nil.
func (p *Program) segment(kind elf.ProgType) *elf.Prog {
	for _, segment := range p.file.Progs {
		if segment.Type == kind {
			return segment
		}
	}
	return nil
}

// flag says whether a dynamic tag is there and has one of the bits of mask.
func (p *Program) flag(tag elf.DynTag, mask uint64) bool {
	values, err := p.file.DynValue(tag)
	if err != nil {
		return false
	}
	for _, value := range values {
		if value&mask != 0 {
			return true
		}
	}
	return false
}

// has says whether a dynamic tag is there.
func (p *Program) has(tag elf.DynTag) bool {
	values, err := p.file.DynValue(tag)
	return err == nil && len(values) > 0
}
