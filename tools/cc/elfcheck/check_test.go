// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package elfcheck_test

import (
	"bytes"
	"debug/elf"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
)

// good returns a file that meets goodSpec.
func good() image {
	return image{
		kind:        elf.ET_DYN,
		interpreter: "/lib/ld.so",
		needed:      []string{"libm.so.6", "libc.so.6"},
		glibc:       "GLIBC_2.34",
		dynamic: map[elf.DynTag]uint64{
			elf.DT_FLAGS_1: uint64(elf.DF_1_PIE | elf.DF_1_NOW),
		},
		stack:   elf.PF_R | elf.PF_W,
		relro:   true,
		comment: []string{"ours"},
		buildID: bytes.Repeat([]byte{7}, 20),
	}
}

var goodSpec = elfcheck.Spec{
	Machine:     elf.EM_X86_64,
	Interpreter: "/lib/ld.so",
	Needed:      []string{"libc.so.6", "libm.so.6"},
	MaxGLIBC:    elfcheck.Version{Major: 2, Minor: 36},
	Comments:    []string{"ours", "theirs"},
	Stripped:    true,
	Forbidden:   elfcheck.MachineTraces,
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name   string
		change func(*image, *elfcheck.Spec)
		want   []string
	}{
		{"good", func(*image, *elfcheck.Spec) {}, nil},
		{
			"machine", func(_ *image, s *elfcheck.Spec) { s.Machine = elf.EM_AARCH64 },
			[]string{"machine is EM_X86_64, want EM_AARCH64"},
		},
		{
			"loader", func(im *image, _ *elfcheck.Spec) { im.interpreter = "/opt/ld.so" },
			[]string{`loader is "/opt/ld.so", want "/lib/ld.so"`},
		},
		{
			"libraries", func(im *image, _ *elfcheck.Spec) { im.needed = []string{"libssl.so.3"} },
			[]string{`needs libraries ["libssl.so.3"], want ["libc.so.6" "libm.so.6"]`},
		},
		{
			"search path", func(im *image, _ *elfcheck.Spec) { im.dynamic[elf.DT_RUNPATH] = 1 },
			[]string{"DT_RUNPATH: libraries are looked for in a folder of its own"},
		},
		{
			"old search path", func(im *image, _ *elfcheck.Spec) { im.dynamic[elf.DT_RPATH] = 1 },
			[]string{"DT_RPATH: libraries are looked for in a folder of its own"},
		},
		{"newest glibc allowed", func(im *image, _ *elfcheck.Spec) { im.glibc = "GLIBC_2.36" }, nil},
		{"packed relocations", func(im *image, _ *elfcheck.Spec) { im.glibc = "GLIBC_ABI_DT_RELR" }, nil},
		{"oldest glibc", func(im *image, _ *elfcheck.Spec) { im.glibc = "GLIBC_2.2.5" }, nil},
		{
			"glibc too new", func(im *image, _ *elfcheck.Spec) { im.glibc = "GLIBC_2.38" },
			[]string{"asks libc.so.6 for GLIBC_2.38, newest allowed is 2.36"},
		},
		{
			"private glibc", func(im *image, _ *elfcheck.Spec) { im.glibc = "GLIBC_PRIVATE" },
			[]string{"asks libc.so.6 for GLIBC_PRIVATE, which is no public version"},
		},
		{
			"foreign compiler", func(im *image, _ *elfcheck.Spec) { im.comment = []string{"ours", "host"} },
			[]string{`.comment names "host"`},
		},
		{
			"no compiler", func(im *image, _ *elfcheck.Spec) { im.comment = nil },
			[]string{".comment names no compiler"},
		},
		{"any compiler", func(im *image, s *elfcheck.Spec) { im.comment, s.Comments = nil, nil }, nil},
		{
			"executable stack", func(im *image, _ *elfcheck.Spec) { im.stack |= elf.PF_X },
			[]string{"stack may be executable"},
		},
		{
			"no relro", func(im *image, _ *elfcheck.Spec) { im.relro = false },
			[]string{"no RELRO segment"},
		},
		{"fixed address", func(im *image, _ *elfcheck.Spec) {
			im.kind = elf.ET_EXEC
			im.dynamic[elf.DT_FLAGS_1] = uint64(elf.DF_1_NOW)
		}, []string{"file type is ET_EXEC, want ET_DYN", "not marked as PIE"}},
		{
			"lazy", func(im *image, _ *elfcheck.Spec) { im.dynamic[elf.DT_FLAGS_1] = uint64(elf.DF_1_PIE) },
			[]string{"symbols are not bound at start (NOW)"},
		},
		{"now by the older flag", func(im *image, _ *elfcheck.Spec) {
			im.dynamic[elf.DT_FLAGS_1] = uint64(elf.DF_1_PIE)
			im.dynamic[elf.DT_FLAGS] = uint64(elf.DF_BIND_NOW)
		}, nil},
		{
			"relocated code", func(im *image, _ *elfcheck.Spec) { im.dynamic[elf.DT_TEXTREL] = 0 },
			[]string{"code is relocated (TEXTREL)"},
		},
		{
			"no build id", func(im *image, _ *elfcheck.Spec) { im.buildID = nil },
			[]string{`build id is "", want 40 digits`},
		},
		{
			"symbols", func(im *image, _ *elfcheck.Spec) { im.symbols = true },
			[]string{"not stripped: has .symtab"},
		},
		{"symbols wanted", func(im *image, s *elfcheck.Spec) { im.symbols, s.Stripped = true, false }, nil},
		{
			"machine path", func(im *image, _ *elfcheck.Spec) { im.text = "at /tmp/x" },
			[]string{`contains "/tmp/" in "/tmp/x"`},
		},
		{"static", func(im *image, s *elfcheck.Spec) {
			im.kind, im.interpreter, im.needed, im.glibc, im.dynamic = elf.ET_EXEC, "", nil, "", nil
			s.Static, s.Interpreter, s.Needed = true, "", nil
		}, nil},
		{
			"not static", func(_ *image, s *elfcheck.Spec) { s.Static, s.Interpreter, s.Needed = true, "", nil },
			[]string{`loader is "/lib/ld.so", want ""`, `needs libraries ["libc.so.6" "libm.so.6"], want []`},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			im, spec := good(), goodSpec
			test.change(&im, &spec)
			program, err := elfcheck.Parse(im.build(t))
			if err != nil {
				t.Fatal(err)
			}
			got, err := elfcheck.Check(program, spec)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("Check() (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBuildID(t *testing.T) {
	program, err := elfcheck.Parse(good().build(t))
	if err != nil {
		t.Fatal(err)
	}
	const want = "0707070707070707070707070707070707070707"
	if got := program.BuildID(); got != want {
		t.Errorf("BuildID() = %q, want %q", got, want)
	}
}

func TestParseRejectsOtherFiles(t *testing.T) {
	if _, err := elfcheck.Parse([]byte("#!/bin/sh\n")); err == nil {
		t.Error("Parse(script) succeeded, want an error")
	}
}

func TestParseVersion(t *testing.T) {
	tests := []struct {
		text string
		want elfcheck.Version
		ok   bool
	}{
		{"2.36", elfcheck.Version{Major: 2, Minor: 36}, true},
		{"2.2.5", elfcheck.Version{Major: 2, Minor: 2}, true},
		{"2", elfcheck.Version{}, false},
		{"PRIVATE", elfcheck.Version{}, false},
	}
	for _, test := range tests {
		got, err := elfcheck.ParseVersion(test.text)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("ParseVersion(%q) = %v, %v, want %v, success %v",
				test.text, got, err, test.want, test.ok)
		}
	}
}
