// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/mirror"
	"github.com/lupasearch/lupa/tools/apt/pins"
)

// A build is a small workspace with our repository rules and a lock.
type build struct {
	bazel, dir string
}

const module = `
debian = use_extension("//tools/apt:extensions.bzl", "debian")
debian.lock(name = "t", lock = "//:packages.lock.json")
use_repo(debian, "t", "t_merged_amd64")
`

func newBuild(workspace, bazel string, packages map[string]made) (*build, error) {
	dir, err := os.MkdirTemp("", "faults")
	if err != nil {
		return nil, err
	}
	b := &build{bazel: bazel, dir: dir}
	deps, err := moduleDeps(workspace)
	if err != nil {
		return nil, err
	}
	rc := "common --noenable_workspace\ncommon --lockfile_mode=off\ncommon --experimental_repository_downloader_retries=1\n" +
		"common --repository_cache=" + filepath.Join(dir, "cache") + "\n" + airgap(workspace)
	for name, text := range map[string]string{
		"MODULE.bazel":          "module(name = \"faults\")\n" + deps + module,
		"BUILD.bazel":           "exports_files([\"packages.lock.json\"])\n",
		".bazelrc":              rc,
		"tools/apt/BUILD.bazel": "", "tools/apt/private/BUILD.bazel": "",
	} {
		path := filepath.Join(dir, "ws", name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	if err := b.writeLock(packages); err != nil {
		return nil, err
	}
	return b, b.linkRules(workspace)
}

// airgap returns the rc file that the air-gapped set-up writes, if there is one.
func airgap(workspace string) string {
	data, err := os.ReadFile(filepath.Join(workspace, "tools/airgap/airgap.bazelrc"))
	if err != nil {
		return ""
	}
	return strings.ReplaceAll(string(data), "%workspace%", workspace)
}

// moduleDeps takes over the workspace's dependencies, because the air-gapped
// set-up overrides each of them, and overriding an unknown one is an error.
func moduleDeps(workspace string) (string, error) {
	data, err := os.ReadFile(filepath.Join(workspace, "MODULE.bazel"))
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "bazel_dep(") {
			out.WriteString(line)
		}
	}
	return out.String(), nil
}

func (b *build) writeLock(packages map[string]made) error {
	l := &pins.Lock{Format: pins.Format, Groups: []pins.LockedGroup{{
		Name: "merged", Tree: true, Exclude: []string{"usr/share/doc/**"},
		Packages: map[string][]string{"amd64": {"tree", "tree++"}},
	}}}
	for _, p := range packages {
		l.Packages = append(l.Packages, p.LockedPackage)
	}
	l.Sort()
	return l.Write(filepath.Join(b.dir, "ws/packages.lock.json"))
}

// linkRules shows the workspace's Starlark to the small workspace.
func (b *build) linkRules(workspace string) error {
	for _, pattern := range []string{"tools/apt/*.bzl", "tools/apt/private/*.bzl"} {
		files, err := filepath.Glob(filepath.Join(workspace, pattern))
		if err != nil {
			return err
		}
		for _, f := range files {
			rel, err := filepath.Rel(workspace, f)
			if err != nil {
				return err
			}
			if err := os.Symlink(f, filepath.Join(b.dir, "ws", rel)); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *build) command(ctx context.Context, args ...string) *exec.Cmd {
	startup := []string{"--nosystem_rc", "--nohome_rc", "--output_base=" + filepath.Join(b.dir, "ob"), "--max_idle_secs=60"}
	c := exec.CommandContext(ctx, b.bazel, append(startup, args...)...)
	c.Dir = filepath.Join(b.dir, "ws")
	return c
}

// run builds a target with the mirrors and returns what Bazel said.
func (b *build) run(ctx context.Context, mirrors, target string) (string, bool) {
	c := b.command(ctx, "build", "--color=no", "--curses=no", "--show_progress=false", target)
	c.Env = append(os.Environ(), mirror.Variable+"="+mirrors)
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// tree returns the repository of the tree.
func (b *build) tree() (string, error) {
	found, err := filepath.Glob(filepath.Join(b.dir, "ob/external/*t_merged_amd64"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%d repositories of the tree: %w", len(found), err)
	}
	return found[0], nil
}

// list walks the tree: path to content, or to "-> target" for a link.
func (b *build) list() (map[string]string, error) {
	repository, err := b.tree()
	if err != nil {
		return nil, err
	}
	root := filepath.Join(repository, "root")
	out := map[string]string{}
	err = filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		name := strings.TrimPrefix(path, root+"/")
		if info.Mode()&os.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			out[name] = "-> " + target
			return err
		}
		data, err := os.ReadFile(path)
		out[name] = string(data)
		return err
	})
	return out, err
}

func (b *build) close(ctx context.Context) {
	if err := b.command(context.WithoutCancel(ctx), "shutdown").Run(); err != nil {
		fmt.Fprintln(os.Stderr, "faults: shut Bazel down:", err)
	}
	os.RemoveAll(b.dir)
}

func sortedLines(m map[string]string) []string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+" = "+m[k])
	}
	return out
}
