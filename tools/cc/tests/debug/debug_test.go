// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package debug tests that the symbols of a release can be found by its build id, and
// give names and lines of Go and of C.
package debug

import (
	"debug/dwarf"
	"debug/elf"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
)

func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v; run this test by Bazel", variable, err)
	}
	return file
}

// symbols opens the file of a program's symbols, where debuggers look for it.
func symbols(t *testing.T, program, folder string) *elf.File {
	t.Helper()
	data, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := elfcheck.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	id := parsed.BuildID()
	file, err := elf.Open(filepath.Join(folder, ".build-id", id[:2], id[2:]+".debug"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

// line finds the source line that an address belongs to.
func line(t *testing.T, info *dwarf.Data, address uint64) string {
	t.Helper()
	unit, err := info.Reader().SeekPC(address)
	if err != nil {
		t.Fatalf("address %#x: %v", address, err)
	}
	lines, err := info.LineReader(unit)
	if err != nil || lines == nil {
		t.Fatalf("address %#x: no lines, %v", address, err)
	}
	var entry dwarf.LineEntry
	if err := lines.SeekPC(address, &entry); err != nil && err != io.EOF { //nolint:errorlint // as documented
		t.Fatalf("address %#x: %v", address, err)
	}
	return entry.File.Name
}

func TestSymbols(t *testing.T) {
	for _, kind := range []string{"RELEASE", "STATIC"} {
		file := symbols(t, runfile(t, kind), runfile(t, kind+"_DEBUG"))
		info, err := file.DWARF()
		if err != nil {
			t.Fatal(err)
		}
		all, err := file.Symbols()
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"main.main": "tools/cc/tests/fts/main.go", "sqlite3_step": "sqlite3-binding.c"}
		for _, s := range all {
			source, ok := want[s.Name]
			if !ok {
				continue
			}
			if got := line(t, info, s.Value); !strings.HasSuffix(got, source) {
				t.Errorf("%s: %s is at %s, want %s", kind, s.Name, got, source)
			}
			delete(want, s.Name)
		}
		for name := range want {
			t.Errorf("%s: no symbol %s", kind, name)
		}
		if text := file.Section(".text"); text == nil || text.Type != elf.SHT_NOBITS {
			t.Errorf("%s: the symbols have the code with them", kind)
		}
	}
}
