// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/tools/image/jail"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// lupa gives a command that starts the program: the one by itself, or, if the
// build names an image, the one in there, with the image's libraries, as its user,
// and nothing to write to but the folder for temporary files.
func lupa(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if os.Getenv("IMAGE") == "" {
		return exec.Command(runfile(t, "LUPA"), args...)
	}
	j, err := inside()
	if err != nil {
		t.Fatal(err)
	}
	return j.Entrypoint(args...)
}

// inside unpacks the image once for all tests.
var inside = sync.OnceValues(func() (*jail.Jail, error) {
	files := make(map[string]string)
	for _, variable := range []string{"IMAGE", "JAIL", "EMULATOR", "WORDNET"} {
		file, err := runfiles.Rlocation(os.Getenv(variable))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", variable, err)
		}
		files[variable] = file
	}
	images, err := layout.Images(files["IMAGE"])
	if err != nil {
		return nil, err
	}
	temp, err := filepath.EvalSymlinks(os.TempDir())
	if err != nil {
		return nil, err
	}
	for _, image := range images {
		config, err := image.Config()
		if err != nil {
			return nil, err
		}
		if config.Architecture == os.Getenv("CPU") {
			return unpack(image, temp, files)
		}
	}
	return nil, fmt.Errorf("no image is for CPU %q", os.Getenv("CPU"))
})

func unpack(image layout.Image, temp string, files map[string]string) (*jail.Jail, error) {
	root, err := os.MkdirTemp(temp, "root-")
	if err != nil {
		return nil, err
	}
	j, err := jail.New(image, root, jail.Tools{
		Helper: files["JAIL"], Emulator: filepath.Join(files["EMULATOR"], "usr/bin/qemu-aarch64-static"),
	})
	if err != nil {
		return nil, err
	}
	if err := j.Bind(temp, os.TempDir(), false); err != nil {
		return nil, err
	}
	return j, j.Bind(files["WORDNET"], files["WORDNET"], true)
}
