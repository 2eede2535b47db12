// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package closure_test

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
	"github.com/lupasearch/lupa/tools/image/closure"
)

// Files of Debian's glibc. Its C library is a program, too: it has a loader, and
// needs it as a library.
const (
	folder  = "lib/x86_64-linux-gnu/"
	libc    = folder + "libc.so.6"
	libm    = folder + "libm.so.6"
	resolv  = folder + "libresolv.so.2"
	loader  = folder + "ld-linux-x86-64.so.2"
	started = "lib64/ld-linux-x86-64.so.2"
	gconv   = "usr/lib/x86_64-linux-gnu/gconv/gconv-modules"
)

// glibc gives the files of an image with a loader, the C library and one more.
func glibc(t *testing.T, more ...string) closure.Files {
	t.Helper()
	files := closure.Files{started: {Target: "/" + loader}}
	for _, name := range append(more, libc, loader) {
		files[name] = closure.File{Data: sysroot(t, "SYSROOT_AMD64", name)}
	}
	return files
}

func sysroot(t *testing.T, variable, name string) []byte {
	t.Helper()
	root, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v; run this test by Bazel", variable, err)
	}
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// rename gives a file another name of a symbol, version or library, as long as
// the one it has.
func rename(t *testing.T, files closure.Files, file, old, to string) {
	t.Helper()
	zero := "\x00"
	data := bytes.ReplaceAll(files[file].Data, []byte(zero+old+zero), []byte(zero+to+zero))
	if len(old) != len(to) || bytes.Equal(data, files[file].Data) {
		t.Fatalf("%s has no %q that could become %q", file, old, to)
	}
	files[file] = closure.File{Data: data}
}

// retag turns an entry of a file's dynamic section into another one.
func retag(t *testing.T, files closure.Files, file string, old, to elf.DynTag) {
	t.Helper()
	data := bytes.Clone(files[file].Data)
	parsed, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	section := parsed.Section(".dynamic")
	for at := section.Offset; at < section.Offset+section.FileSize; at += 16 {
		if elf.DynTag(binary.LittleEndian.Uint64(data[at:])) == old {
			binary.LittleEndian.PutUint64(data[at:], uint64(to))
			files[file] = closure.File{Data: data}
			return
		}
	}
	t.Fatalf("%s has no %v", file, old)
}

func TestCheck(t *testing.T) {
	tests := []struct {
		name    string
		options closure.Options
		change  func(closure.Files)
		want    []string
	}{
		{"all there", closure.Options{}, func(closure.Files) {}, nil},
		{"elsewhere", closure.Options{}, func(f closure.Files) {
			f["usr/lib/libm.so.6"] = f[libm]
			delete(f, libm)
		}, nil},
		{"no loader", closure.Options{}, func(f closure.Files) { delete(f, started) }, []string{
			"/" + libc + " asks for the loader /" + started + ", which is not there",
		}},
		{"loader leads nowhere", closure.Options{}, func(f closure.Files) { f[started] = closure.File{Target: "nowhere"} }, []string{
			"/" + libc + " asks for the loader /" + started + ", which is not there",
		}},
		{"loader goes in circles", closure.Options{}, func(f closure.Files) { f[started] = closure.File{Target: "/" + started} }, []string{
			"/" + libc + " asks for the loader /" + started + ", which is not there",
		}},
		{"no library", closure.Options{}, func(f closure.Files) { rename(t, f, libm, "libc.so.6", "libd.so.6") }, []string{
			"/" + libm + " needs libd.so.6, which is not there for its CPU",
		}},
		{"for another CPU", closure.Options{}, func(f closure.Files) {
			f[loader] = closure.File{Data: sysroot(t, "SYSROOT_ARM64", "lib/aarch64-linux-gnu/ld-linux-aarch64.so.1")}
		}, []string{
			"/" + libc + " asks for the loader /" + started + ", which is not there",
			"/" + libc + " needs ld-linux-x86-64.so.2, which is not there for its CPU",
			"/" + libm + " needs ld-linux-x86-64.so.2, which is not there for its CPU",
		}},
		{"no symbol", closure.Options{}, func(f closure.Files) { rename(t, f, libm, "fputs", "sputf") }, []string{
			"/" + libm + " takes sputf@GLIBC_2.2.5 from libc.so.6, which does not have it",
		}},
		{"no version", closure.Options{}, func(f closure.Files) { rename(t, f, libm, "GLIBC_2.4", "GLIBC_2.1") }, []string{
			"/" + libm + " asks libc.so.6 for the version GLIBC_2.1, which it does not have",
			"/" + libm + " takes __stack_chk_fail@GLIBC_2.1 from libc.so.6, which does not have it",
		}},
		{"glibc too new", closure.Options{MaxGLIBC: elfcheck.Version{Major: 2, Minor: 35}}, func(closure.Files) {}, []string{
			"/" + libm + " asks for GLIBC_ABI_DT_RELR, newest allowed is GLIBC_2.35",
			"/" + resolv + " asks for GLIBC_ABI_DT_RELR, newest allowed is GLIBC_2.35",
		}},
		{"search path of the machine", closure.Options{}, func(f closure.Files) { retag(t, f, libm, elf.DT_SONAME, elf.DT_RUNPATH) }, []string{
			"/" + libm + ` looks for libraries in "libm.so.6", which depends on where it is started`,
		}},
		{"no converters", closure.Options{}, func(f closure.Files) { rename(t, f, resolv, "strcasecmp", "iconv_open") }, []string{
			"/" + resolv + " calls iconv_open, but no converter of character sets is there (gconv)",
		}},
		{"converters", closure.Options{}, func(f closure.Files) {
			f[gconv] = closure.File{Data: []byte("module")}
			rename(t, f, resolv, "strcasecmp", "iconv_open")
		}, nil},
		{"library that nobody needs", closure.Options{Minimal: true, Loaded: []string{"libresolv.so.2"}}, func(closure.Files) {}, []string{
			"/" + libm + " is loaded by no program",
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			files := glibc(t, libm, resolv)
			test.change(files)
			got, err := closure.Check(files, test.options)
			if diff := cmp.Diff(test.want, got.Findings); err != nil || diff != "" {
				t.Errorf("error %v, findings (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestCheckCounts(t *testing.T) {
	got, err := closure.Check(glibc(t, libm), closure.Options{})
	if err != nil || got.Objects != 3 || got.Needed != 3 || got.Symbols < 30 || got.Newest.String() != "2.36" {
		t.Errorf("%+v, %v, want 3 files that need 3 libraries, and glibc 2.36", got, err)
	}
}

func TestCheckDamaged(t *testing.T) {
	files := glibc(t, libm)
	files[libm] = closure.File{Data: files[libm].Data[:1000]}
	if got, err := closure.Check(files, closure.Options{}); err == nil {
		t.Errorf("%+v, want an error", got)
	}
}

func TestFollow(t *testing.T) {
	files := glibc(t, libm, resolv)
	files["usr/lib/libm.so.6"] = closure.File{Target: "/" + libm}
	program := map[string][]byte{"program": files[libm].Data}
	tests := []struct {
		name string
		want closure.Want
		got  []string
	}{
		{"nothing", closure.Want{}, nil},
		// libm is a library, which names no loader; libc does.
		{"program", closure.Want{Programs: program}, []string{loader, libc, started}},
		{"by name", closure.Want{Programs: program, Libraries: []string{"libresolv.so.2"}, Machine: elf.EM_X86_64}, []string{loader, libc, resolv, started}},
	}
	for _, test := range tests {
		got, err := closure.Follow(files, test.want)
		if diff := cmp.Diff(test.got, got); err != nil || diff != "" {
			t.Errorf("%s: error %v (-want +got):\n%s", test.name, err, diff)
		}
	}

	delete(files, libc)
	_, err := closure.Follow(files, closure.Want{Programs: program})
	if err == nil || err.Error() != "the packages lack libraries:\n  /program needs libc.so.6, which is not there for its CPU" {
		t.Errorf("without libc: error %v", err)
	}
}
