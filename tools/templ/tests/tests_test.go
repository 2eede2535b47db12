// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tests holds tests of the rule and of the program behind it.
package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"
)

// TestBrokenTemplate runs the program as the rule's action does.
func TestBrokenTemplate(t *testing.T) {
	out := filepath.Join(t.TempDir(), "broken_templ.go")
	command := exec.Command(located(t, "TEMPL"), "-name=tools/templ/tests/testdata/broken.templ",
		"-template="+located(t, "BROKEN"), "-out="+out)
	got, err := command.CombinedOutput()
	if err == nil {
		t.Error("the program says that all went well")
	}
	if diff := cmp.Diff("tools/templ/tests/testdata/broken.templ:9:2: <b>: close tag not found\n", string(got)); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("there is a source file (%v), want none", err)
	}
}

// located finds the runfile that an environment variable names.
func located(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s=%q: %v", variable, os.Getenv(variable), err)
	}
	return file
}
