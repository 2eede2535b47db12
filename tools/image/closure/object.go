// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package closure

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"strings"
)

// folders are where glibc's loader looks for libraries on Debian, by CPU.
var folders = map[elf.Machine][]string{
	elf.EM_AARCH64: {"lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib", "usr/lib"},
	elf.EM_X86_64:  {"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib", "usr/lib"},
}

// An object is what the loader reads of an ELF file.
type object struct {
	path        string
	machine     elf.Machine
	interpreter string
	needed      []string
	searched    []string // folders of DT_RPATH and DT_RUNPATH, as written
	wanted      []symbol
	asked       []symbol        // versions that a library must have, without a name
	defined     map[symbol]bool // library is empty, version is "" for any
	versions    map[string]bool
}

// A symbol is one that an object takes from a library. Version and library are
// empty where any will do.
type symbol struct {
	name, version, library string
}

// isELF says whether a file is one that the loader could be asked to load.
func isELF(data []byte) bool {
	return bytes.HasPrefix(data, []byte(elf.ELFMAG)) && len(data) > 18 &&
		(elf.Type(data[16]) == elf.ET_EXEC || elf.Type(data[16]) == elf.ET_DYN)
}

// isProgram says whether it is there to be started. Some libraries can be, too.
func (o *object) isProgram() bool {
	return o.interpreter != "" && !strings.Contains(o.path, ".so")
}

func parse(name string, data []byte) (*object, error) {
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	o := &object{path: name, machine: file.Machine}
	if folders[o.machine] == nil {
		return nil, fmt.Errorf("%s: no folders of libraries are known for %v", name, o.machine)
	}
	for _, segment := range file.Progs {
		if segment.Type != elf.PT_INTERP {
			continue
		}
		text := make([]byte, segment.Filesz)
		if _, err := segment.ReadAt(text, 0); err != nil {
			return nil, fmt.Errorf("%s: loader: %w", name, err)
		}
		o.interpreter = strings.TrimRight(string(text), "\x00")
	}
	if o.needed, err = file.ImportedLibraries(); err != nil {
		return nil, fmt.Errorf("%s: libraries: %w", name, err)
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		paths, err := file.DynString(tag)
		if err != nil {
			return nil, fmt.Errorf("%s: %v: %w", name, tag, err)
		}
		for _, p := range paths {
			o.searched = append(o.searched, strings.Split(p, ":")...)
		}
	}
	if err := o.symbols(file); err != nil {
		return nil, fmt.Errorf("%s: symbols: %w", name, err)
	}
	return o, nil
}

// symbols reads what the object takes from others, and what it gives.
func (o *object) symbols(file *elf.File) error {
	o.defined, o.versions = make(map[symbol]bool), make(map[string]bool)
	all, err := file.DynamicSymbols()
	if errors.Is(err, elf.ErrNoSymbols) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, s := range all {
		bind := elf.ST_BIND(s.Info)
		switch {
		case s.Section == elf.SHN_UNDEF && bind == elf.STB_GLOBAL && s.Name != "":
			o.wanted = append(o.wanted, symbol{s.Name, s.Version, s.Library})
		case s.Section != elf.SHN_UNDEF && bind != elf.STB_LOCAL:
			o.defined[symbol{name: s.Name, version: s.Version}] = true
			o.defined[symbol{name: s.Name}] = true
		}
	}
	if file.SectionByType(elf.SHT_GNU_VERSYM) == nil {
		return nil
	}
	needs, err := file.DynamicVersionNeeds()
	if err != nil {
		return err
	}
	for _, library := range needs {
		for _, need := range library.Needs {
			o.asked = append(o.asked, symbol{version: need.Dep, library: library.Name})
		}
	}
	if file.SectionByType(elf.SHT_GNU_VERDEF) == nil {
		return nil
	}
	defined, err := file.DynamicVersions()
	for _, v := range defined {
		o.versions[v.Name] = true
	}
	return err
}
