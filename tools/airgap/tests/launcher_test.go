// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tests runs tools/bazel against Bazels, Bazelisks and Gos made of a few
// lines of shell.
package tests

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
)

// A checkout is a workspace with the launcher, and an empty machine around it.
type checkout struct {
	dir  string   // the workspace
	bin  string   // the only folder on PATH besides the system's
	home string   // LUPA_BAZEL_HOME
	env  []string // further variables
}

func newCheckout(t *testing.T) checkout {
	t.Helper()
	top := t.TempDir()
	c := checkout{dir: filepath.Join(top, "a checkout"), bin: filepath.Join(top, "bin"), home: filepath.Join(top, "home")}
	for name, variable := range map[string]string{"tools/bazel": "LAUNCHER", "tools/airgap/pins": "PINS"} {
		source, err := runfiles.Rlocation(os.Getenv(variable))
		if err != nil {
			t.Fatalf("%s: %v", variable, err)
		}
		data, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(c.dir, name), string(data))
	}
	write(t, filepath.Join(c.dir, "tools/airgap/setup/main.go"), "package main\n")
	write(t, filepath.Join(c.dir, "tools/airgap/setup/main_test.go"), "package main\n")
	if err := os.MkdirAll(c.bin, 0o755); err != nil {
		t.Fatal(err)
	}
	return c
}

// program puts a shell script on PATH.
func (c checkout) program(t *testing.T, name, script string) {
	t.Helper()
	write(t, filepath.Join(c.bin, name), "#!/bin/sh\n"+script)
}

// start runs the launcher and returns what it printed, both streams.
func (c checkout) start(args ...string) (string, error) {
	command := exec.Command(filepath.Join(c.dir, "tools/bazel"), args...)
	command.Dir = c.dir
	command.Env = append([]string{"PATH=" + c.bin + ":/usr/bin:/bin", "LUPA_BAZEL_HOME=" + c.home}, c.env...)
	out, err := command.CombinedOutput()
	return string(out), err
}

func (c checkout) expect(t *testing.T, want string, args ...string) {
	t.Helper()
	if out, err := c.start(args...); err != nil || out != want {
		t.Errorf("tools/bazel %q printed %q, %v, want %q", args, out, err, want)
	}
}

const saysBazel = `[ "$1" = --version ] && { echo "bazel 7.7.3"; exit; }; echo "path bazel: $*"` + "\n"

func TestCallerFirst(t *testing.T) {
	c := newCheckout(t)
	c.program(t, "bazel", saysBazel)
	c.program(t, "chosen", `echo "chosen: $*"`)
	c.env = []string{"BAZEL_REAL=" + filepath.Join(c.bin, "chosen")}
	c.expect(t, "chosen: build //a b\n", "build", "//a b")

	c.env = []string{"BAZEL_REAL=/nowhere"}
	if out, err := c.start(); err == nil || !strings.Contains(out, "BAZEL_REAL=/nowhere") {
		t.Errorf("with a wrong BAZEL_REAL: %q, %v, want an error that names it", out, err)
	}
}

func TestOnPath(t *testing.T) {
	c := newCheckout(t)
	c.program(t, "bazel", saysBazel)
	c.expect(t, "path bazel: info\n", "info")

	c.program(t, "bazelisk", `echo "bazelisk: $*"`)
	c.expect(t, "bazelisk: info\n", "info")
}

func TestItselfOnPath(t *testing.T) {
	c := newCheckout(t)
	setupMakes(t, c, "private")
	for _, name := range []string{"bazel", "bazelisk"} {
		if err := os.Symlink(filepath.Join(c.dir, "tools/bazel"), filepath.Join(c.bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	c.expect(t, "set up\nprivate: info\n", "info")
}

func TestWayBackOnPath(t *testing.T) {
	c := newCheckout(t)
	setupMakes(t, c, "private")
	c.program(t, "bazel", `exec "`+c.dir+`/tools/bazel" "$@"`)
	c.expect(t, "set up\nprivate: info\n", "info")
}

func TestPrivate(t *testing.T) {
	tests := []struct{ name, bazel, variable string }{
		{name: "no Bazel"},
		{name: "another series", bazel: "echo bazel 8.1.0"},
		{name: "the start of the series' name", bazel: "echo bazel 7.70.0"},
		{name: "no version", bazel: "exit 1"},
		{name: "asked for", bazel: saysBazel, variable: "LUPA_BAZEL=private"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := newCheckout(t)
			setupMakes(t, c, "private")
			if test.bazel != "" {
				c.program(t, "bazel", test.bazel)
			}
			if test.variable != "" {
				c.env = append(c.env, test.variable)
			}
			c.expect(t, "set up\nprivate: build //...\n", "build", "//...")
			// The second start sets nothing up.
			c.expect(t, "private: build //...\n", "build", "//...")
		})
	}
}

func TestGeneratedFlagsAreNeverStale(t *testing.T) {
	c := newCheckout(t)
	setupMakes(t, c, "private")
	c.expect(t, "set up\nprivate: info\n", "info")
	rc := filepath.Join(c.dir, "tools/airgap/airgap.bazelrc")
	first := read(t, rc)
	if !strings.HasPrefix(first, "# "+c.home+"/bazel-") {
		t.Fatalf("%s begins with %q, want the private Bazel's folder", rc, first)
	}
	for name, spoil := range map[string]func() error{
		"removed":       func() error { return os.Remove(rc) },
		"of another":    func() error { return os.WriteFile(rc, []byte("# /elsewhere\n"), 0o644) },
		"empty":         func() error { return os.WriteFile(rc, nil, 0o644) },
		"home moved":    func() error { c.home += "-moved"; return nil },
		"a day chosen":  func() error { c.env = []string{"LUPA_BAZEL_SNAPSHOT=20260101T000000Z"}; return nil },
		"unchanged too": func() error { return nil },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		out, err := c.start("info")
		if err != nil || !strings.HasSuffix(out, "private: info\n") {
			t.Errorf("%s: %q, %v", name, out, err)
		}
		if got := read(t, rc); !strings.HasPrefix(got, "# "+c.home+"/bazel-") {
			t.Errorf("%s: flags begin with %q", name, got)
		}
	}
}

func TestErrors(t *testing.T) {
	c := newCheckout(t)
	// A go that does not exist, here or where Go is installed by default.
	launcher := filepath.Join(c.dir, "tools/bazel")
	write(t, launcher, strings.ReplaceAll(read(t, launcher), "/usr/local/go/bin/go", "/nowhere/go"))
	c.env = []string{"PATH=" + c.bin}
	if err := os.Symlink("/bin/bash", filepath.Join(c.bin, "bash")); err != nil {
		t.Fatal(err)
	}
	if out, err := c.start("info"); err == nil || !strings.Contains(out, "no Go") || !strings.Contains(out, "golang-go") {
		t.Errorf("without Go: %q, %v, want an error that says what to install", out, err)
	}

	c = newCheckout(t)
	c.program(t, "go", "echo 'disk full' >&2; exit 1")
	if out, err := c.start("info"); err == nil || !strings.Contains(out, "disk full") {
		t.Errorf("with a failing set-up: %q, %v, want its error", out, err)
	}
}

func TestTwoAtOnce(t *testing.T) {
	c := newCheckout(t)
	setupMakes(t, c, "private")
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			if out, err := c.start("info"); err != nil || !strings.HasSuffix(out, "private: info\n") {
				t.Errorf("printed %q, %v", out, err)
			}
		})
	}
	wait.Wait()
	left, err := filepath.Glob(filepath.Join(c.dir, "tools/airgap/airgap.bazelrc.*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// setupMakes puts a go on PATH whose `go run` makes what the set-up makes.
func setupMakes(t *testing.T, c checkout, name string) {
	t.Helper()
	c.program(t, "go", `
for argument; do
  case $argument in *_test.go) echo "compiles tests" >&2; exit 1;; esac
  [ "$last" = -prefix ] && prefix=$argument
  last=$argument
done
[ -x "$prefix/bazel" ] && exit
work=$(mktemp -d "$prefix.XXXXXX" 2>/dev/null || { mkdir -p "${prefix%/*}"; mktemp -d "$prefix.XXXXXX"; })
echo "# $prefix" > "$work/airgap.bazelrc"
printf '#!/bin/sh\necho "`+name+`: $*"\n' > "$work/bazel"
chmod +x "$work/bazel"
mv -T "$work" "$prefix" 2>/dev/null
echo "set up"
`)
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
