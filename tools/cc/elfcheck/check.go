// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package elfcheck

import (
	"bytes"
	"debug/elf"
	"fmt"
	"slices"
	"strings"
)

// glibcPrefix starts the name of every version of glibc's symbols.
const glibcPrefix = "GLIBC_"

// A program with packed relative relocations asks for the version
// PackedRelocations, which stands for the release of glibc whose loader knows them.
const (
	PackedRelocations = "GLIBC_ABI_DT_RELR"
	PackedSince       = "2.36"
)

// Check returns what is wrong with p, one sentence per finding; nothing means
// that p meets spec. An error means that p could not be examined.
func Check(p *Program, spec Spec) ([]string, error) {
	var findings []string
	if p.file.Machine != spec.Machine {
		findings = append(findings, fmt.Sprintf(
			"machine is %v, want %v", p.file.Machine, spec.Machine))
	}
	for _, check := range []func(*Program, Spec) ([]string, error){
		checkLoading, checkSymbolVersions, checkMakers,
	} {
		found, err := check(p, spec)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	findings = append(findings, checkProtection(p, spec)...)
	findings = append(findings, checkSymbols(p, spec)...)
	return append(findings, checkText(p, spec)...), nil
}

// checkLoading compares loader, libraries and search paths.
func checkLoading(p *Program, spec Spec) ([]string, error) {
	interpreter, err := p.interpreter()
	if err != nil {
		return nil, err
	}
	needed, err := p.file.ImportedLibraries()
	if err != nil {
		return nil, fmt.Errorf("read needed libraries: %w", err)
	}
	var findings []string
	if interpreter != spec.Interpreter {
		findings = append(findings, fmt.Sprintf(
			"loader is %q, want %q", interpreter, spec.Interpreter))
	}
	want := slices.Sorted(slices.Values(spec.Needed))
	slices.Sort(needed)
	if !slices.Equal(needed, want) {
		findings = append(findings, fmt.Sprintf(
			"needs libraries %q, want %q", needed, want))
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		if p.has(tag) {
			findings = append(findings, fmt.Sprintf(
				"%v: libraries are looked for in a folder of its own", tag))
		}
	}
	return findings, nil
}

// checkSymbolVersions finds versions of glibc that are too new.
func checkSymbolVersions(p *Program, spec Spec) ([]string, error) {
	if p.file.SectionByType(elf.SHT_GNU_VERSYM) == nil {
		return nil, nil
	}
	needs, err := p.file.DynamicVersionNeeds()
	if err != nil {
		return nil, fmt.Errorf("read symbol versions: %w", err)
	}
	var findings []string
	for _, library := range needs {
		for _, need := range library.Needs {
			number, ok := strings.CutPrefix(need.Dep, glibcPrefix)
			if !ok {
				continue
			}
			if need.Dep == PackedRelocations {
				number = PackedSince
			}
			version, err := ParseVersion(number)
			if err != nil {
				findings = append(findings, fmt.Sprintf(
					"asks %s for %s, which is no public version", library.Name, need.Dep))
			} else if version.After(spec.MaxGLIBC) {
				findings = append(findings, fmt.Sprintf(
					"asks %s for %s, newest allowed is %v", library.Name, need.Dep, spec.MaxGLIBC))
			}
		}
	}
	return findings, nil
}

// checkMakers finds compilers and linkers that are not ours.
func checkMakers(p *Program, spec Spec) ([]string, error) {
	if spec.Comments == nil {
		return nil, nil
	}
	comments, err := p.comments()
	if err != nil {
		return nil, err
	}
	var findings []string
	if len(comments) == 0 {
		findings = append(findings, ".comment names no compiler")
	}
	for _, comment := range comments {
		if !slices.Contains(spec.Comments, comment) {
			findings = append(findings, fmt.Sprintf(".comment names %q", comment))
		}
	}
	return findings, nil
}

// checkProtection finds protections against attacks that are missing.
func checkProtection(p *Program, spec Spec) []string {
	var findings []string
	miss := func(bad bool, finding string) {
		if bad {
			findings = append(findings, finding)
		}
	}
	stack := p.segment(elf.PT_GNU_STACK)
	miss(stack == nil || stack.Flags&elf.PF_X != 0, "stack may be executable")
	miss(p.segment(elf.PT_GNU_RELRO) == nil, "no RELRO segment")
	if spec.Static {
		return findings
	}
	miss(p.file.Type != elf.ET_DYN, fmt.Sprintf(
		"file type is %v, want %v", p.file.Type, elf.ET_DYN))
	miss(!p.flag(elf.DT_FLAGS_1, uint64(elf.DF_1_PIE)), "not marked as PIE")
	miss(!p.flag(elf.DT_FLAGS_1, uint64(elf.DF_1_NOW)) &&
		!p.flag(elf.DT_FLAGS, uint64(elf.DF_BIND_NOW)), "symbols are not bound at start (NOW)")
	miss(p.has(elf.DT_TEXTREL) ||
		p.flag(elf.DT_FLAGS, uint64(elf.DF_TEXTREL)), "code is relocated (TEXTREL)")
	return findings
}

// checkSymbols finds what stripping would have removed, and a missing build id.
func checkSymbols(p *Program, spec Spec) []string {
	var findings []string
	if id := p.BuildID(); len(id) != 40 {
		findings = append(findings, fmt.Sprintf("build id is %q, want 40 digits", id))
	}
	if !spec.Stripped {
		return findings
	}
	for _, section := range p.file.Sections {
		if section.Type == elf.SHT_SYMTAB || strings.HasPrefix(section.Name, ".debug_") {
			findings = append(findings, "not stripped: has "+section.Name)
		}
	}
	return findings
}

// checkText finds forbidden byte strings, each once, with the words they are in.
func checkText(p *Program, spec Spec) []string {
	var findings []string
	for _, text := range spec.Forbidden {
		if at := bytes.Index(p.data, []byte(text)); at >= 0 {
			findings = append(findings, fmt.Sprintf("contains %q in %q",
				text, word(p.data, at, at+len(text))))
		}
	}
	return findings
}

// word returns the printable bytes around data[start:end], but not too many.
func word(data []byte, start, end int) []byte {
	const most = 80
	printable := func(b byte) bool { return b > ' ' && b < 0x7f }
	for first := start - most; start > max(0, first) && printable(data[start-1]); {
		start--
	}
	for last := end + most; end < min(len(data), last) && printable(data[end]); {
		end++
	}
	return data[start:end]
}
