// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tidy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/lint/tidy"
)

const header = "// SPDX-FileCopyrightText: 2026 A\n// SPDX-License-Identifier: Apache-2.0\n\n"

var hashHeader = strings.ReplaceAll(header, "//", "#")

func TestFormat(t *testing.T) {
	formatter := tidy.Formatter{ModulePath: "example.org/m", GoVersion: "go1.26"}
	tests := []struct {
		name         string
		file         string
		src          string
		want         string
		wantFindings []string
	}{
		{
			name: "go is printed as gofumpt does",
			file: "a/b.go",
			src:  header + "package b\n\nfunc f() {\n\n\tprintln( 1 )\n}\n",
			want: header + "package b\n\nfunc f() {\n\tprintln(1)\n}\n",
		},
		{
			name: "a BUILD file is printed as buildifier does",
			file: "a/BUILD.bazel",
			src:  hashHeader + "filegroup(srcs=['x'],name='y')\n",
			want: hashHeader + "filegroup(\n    name = \"y\",\n    srcs = [\"x\"],\n)\n",
		},
		{
			name:         "buildifier's warnings are found",
			file:         "a/defs.bzl",
			src:          hashHeader + "\"\"\"Doc.\"\"\"\n\nload(\":b.bzl\", \"unused\")\n",
			want:         hashHeader + "\"\"\"Doc.\"\"\"\n\nload(\":b.bzl\", \"unused\")\n",
			wantFindings: []string{"a/defs.bzl:6:"},
		},
		{
			name:         "a missing header is found",
			file:         "b.go",
			src:          "package b\n",
			want:         "package b\n",
			wantFindings: []string{"b.go:1: no licence header"},
		},
		{
			name: "a BUILD file gets a header",
			file: "a/BUILD.bazel",
			src:  "filegroup(name = \"y\")\n",
			want: strings.ReplaceAll(hashHeader, " A\n", " The Lupa Authors\n") + "filegroup(name = \"y\")\n",
		},
		{
			name: "other files stay as they are",
			file: "notes.txt",
			src:  "a  \n",
			want: "a  \n",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, findings, err := formatter.Format(test.file, []byte(test.src))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("Format(%s) differs (-want +got):\n%s", test.file, diff)
			}
			if len(findings) != len(test.wantFindings) {
				t.Fatalf("findings = %v, want %v", findings, test.wantFindings)
			}
			for i, want := range test.wantFindings {
				if !strings.HasPrefix(findings[i].String(), want) {
					t.Errorf("finding = %q, want prefix %q", findings[i], want)
				}
			}
		})
	}
}

func TestFormatRefusesWhatDoesNotParse(t *testing.T) {
	for _, file := range []string{"a.go", "BUILD.bazel"} {
		_, _, err := tidy.Formatter{}.Format(file, []byte("((("))
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("Format(%s) = %v, want an error that names the file", file, err)
		}
	}
}

func TestSyncModule(t *testing.T) {
	goMod := "module m\n\ngo 1.26\n\nrequire (\n\texample.org/b-c/V2 v1.0.0\n\tgithub.com/bazelbuild/rules_go v0.1.0\n\tx.org/indirect v1.0.0 // indirect\n)\n"
	got, err := tidy.SyncModule([]byte("use_repo(go_deps, \"old\")\n"), []byte(goMod))
	if err != nil {
		t.Fatal(err)
	}
	want := "use_repo(\n    go_deps,\n    \"org_example_b_c_v2\",\n)\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("SyncModule differs (-want +got):\n%s", diff)
	}
	if _, err := tidy.SyncModule(nil, []byte(goMod)); err == nil {
		t.Error("SyncModule without use_repo(go_deps) = nil, want an error")
	}
}

func TestTreeAndRequirements(t *testing.T) {
	root := t.TempDir()
	write(t, root, "go.mod", "module m\n\ngo 1.26.8\n\nrequire (\n\texample.org/used v1.0.0\n\texample.org/idle v1.0.0\n\texample.org/indirect v1.0.0 // indirect\n)\n")
	write(t, root, "a/a.go", header+"package a\n\nimport (\n\t_ \"example.org/indirect/p\"\n\t_ \"example.org/used/p\"\n\t_ \"m/b\"\n)\n")
	write(t, root, "a/bad.go", header+"package  a\n")
	write(t, root, "nested/go.mod", "module n\n")
	write(t, root, "nested/n.go", header+"package n\n\nimport _ \"example.org/elsewhere\"\n")
	write(t, root, ".git/skip.go", "not Go")
	write(t, root, "a/page_templ.go", "not Go")

	changes, findings, err := tidy.Tree(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(changes) != 1 || changes[0].File != "a/bad.go" || len(findings) != 0 {
		t.Errorf("Tree = %v, %v, want a/bad.go alone", changes, findings)
	}
	unmet, err := tidy.Requirements(root)
	if err != nil {
		t.Fatal(err)
	}
	tidy.SortFindings(unmet)
	var got []string
	for _, f := range unmet {
		got = append(got, f.String())
	}
	want := []string{
		"a/a.go: imports example.org/indirect/p, which go.mod does not require directly; run 'go mod tidy'",
		"go.mod:7: example.org/idle is required directly but never imported; run 'go mod tidy'",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Requirements differ (-want +got):\n%s", diff)
	}
}

func write(t *testing.T, root, name, content string) {
	t.Helper()
	file := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
