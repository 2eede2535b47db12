// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("one\n two \n\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name       string
		args       []string
		repository string
		tags       []string
	}{
		{"the target's", []string{"--repository", "a/b", "--tags-file", file}, "a/b", []string{"one", "two"}},
		{"the user's wins", []string{"--repository", "a/b", "-r", "c/d"}, "c/d", nil},
		{"over a file, too", []string{"--repository-file", file, "--repository=c/d"}, "c/d", nil},
		{"from a file", []string{"--repository-file", file}, "one\n two", nil},
		{"tags add up", []string{"--tags-file", file, "-t", "x", "--tag", "y", "--tag=z"}, "", []string{"x", "y", "z", "one", "two"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var stderr bytes.Buffer
			s, err := parse(test.args, &stderr)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.readFiles(); err != nil {
				t.Fatal(err)
			}
			if s.Repository != test.repository {
				t.Errorf("repository %q, want %q", s.Repository, test.repository)
			}
			if diff := cmp.Diff(test.tags, s.Tags); diff != "" {
				t.Errorf("tags (-want +got):\n%s", diff)
			}
		})
	}
}

func TestExitCodes(t *testing.T) {
	tests := []struct {
		args []string
		code int
		want string
	}{
		{[]string{"--help"}, 0, "Usage: bazel run"},
		{[]string{"--image", "x"}, 2, "there is no repository"},
		{[]string{"--platform", "linux/amd64"}, 2, "not defined: -platform"},
		{[]string{"extra"}, 2, `unexpected argument "extra"`},
		{[]string{"--image", "missing", "-r", "127.0.0.1:1/a"}, 1, "missing is no OCI layout"},
		{[]string{"--image", "x", "--tags-file", "missing", "-r", "127.0.0.1:1/a"}, 1, "read the tags"},
	}
	for _, test := range tests {
		var stdout, stderr bytes.Buffer
		if got := run(context.Background(), test.args, &stdout, &stderr); got != test.code {
			t.Errorf("push %q exits with %d, want %d", test.args, got, test.code)
		}
		if !strings.Contains(stderr.String(), test.want) {
			t.Errorf("push %q says %q, want %q in it", test.args, stderr.String(), test.want)
		}
	}
}
