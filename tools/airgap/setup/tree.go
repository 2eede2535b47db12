// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// A tree is where packages are unpacked. It is moved once it is complete, so
// what holds absolute paths speaks of the final place.
type tree struct {
	root  string // where it is now
	final string // where it will be
}

const libraries = "usr/lib/x86_64-linux-gnu"

// unpack extracts packages side by side, a few at a time.
func (t tree) unpack(debs []string) error {
	say("[3/5] unpacking")
	if err := os.MkdirAll(t.root, 0o755); err != nil {
		return err
	}
	var (
		wait  sync.WaitGroup
		once  sync.Once
		first error
		next  = make(chan string)
	)
	for i := 0; i < 4; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for deb := range next {
				if _, err := command(t.root, nil, false, "dpkg-deb", "-x", deb, "."); err != nil {
					once.Do(func() { first = err })
				}
			}
		}()
	}
	for _, deb := range debs {
		next <- deb
	}
	close(next)
	wait.Wait()
	return first
}

// relocate makes the tree's programs run on any Linux: they get the tree's own
// loader and C library, which are newer than many machines'.
func (t tree) relocate() error {
	say("[4/5] making it independent of the machine's libraries")
	if err := t.relativeLinks(); err != nil {
		return err
	}
	programs, err := t.programs()
	if err != nil {
		return err
	}
	jvm, err := t.jvm()
	if err != nil {
		return err
	}
	loader := path.Join(libraries, "ld-linux-x86-64.so.2")
	search := make([]string, 0, 3)
	for _, dir := range []string{libraries, jvm + "/lib", jvm + "/lib/server"} {
		search = append(search, path.Join(t.final, dir))
	}
	for _, program := range programs {
		// patchelf too needs that loader and those libraries.
		if _, err := command(t.root, nil, false, path.Join(t.root, loader), "--library-path", path.Join(t.root, libraries),
			path.Join(t.root, "usr/bin/patchelf"), "--set-interpreter", path.Join(t.final, loader),
			"--force-rpath", "--set-rpath", strings.Join(search, ":"), program); err != nil {
			return err
		}
	}
	return t.writeClasspath()
}

// relativeLinks turns absolute links, which speak of an installed system, into
// links within the tree.
func (t tree) relativeLinks() error {
	return filepath.WalkDir(t.root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink == 0 {
			return err
		}
		target, err := os.Readlink(file)
		if err != nil || !path.IsAbs(target) {
			return err
		}
		relative, err := filepath.Rel(filepath.Dir(file), filepath.Join(t.root, target))
		if err != nil {
			return err
		}
		if err := os.Remove(file); err != nil {
			return err
		}
		return os.Symlink(relative, file)
	})
}

// programs lists the executables that Bazel starts.
func (t tree) programs() ([]string, error) {
	var programs []string
	for _, pattern := range []string{"usr/bin/bazel*", "usr/libexec/*/bazel/*", "usr/lib/jvm/*/bin/java", "usr/lib/jvm/*/lib/jspawnhelper"} {
		matches, err := filepath.Glob(filepath.Join(t.root, pattern))
		if err != nil {
			return nil, err
		}
		found := 0
		for _, match := range matches {
			if isProgram(match) {
				programs = append(programs, match)
				found++
			}
		}
		if found == 0 {
			return nil, fmt.Errorf("the packages hold no program %s; the suite has changed: name an earlier day of the archive in LUPA_BAZEL_SNAPSHOT", pattern)
		}
	}
	return programs, nil
}

// isProgram tells a regular ELF file that is reached by no link on its way.
func isProgram(file string) bool {
	real, err := filepath.EvalSymlinks(file)
	if err != nil || real != file {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	magic := make([]byte, 4)
	_, err = f.Read(magic)
	return err == nil && bytes.Equal(magic, []byte("\x7fELF"))
}

// jvm finds the Java runtime's folder, relative to the root.
func (t tree) jvm() (string, error) {
	matches, _ := filepath.Glob(filepath.Join(t.root, "usr/lib/jvm/*/bin/java"))
	for _, match := range matches {
		if isProgram(match) {
			return filepath.Rel(t.root, filepath.Dir(filepath.Dir(match)))
		}
	}
	return "", fmt.Errorf("the packages hold no Java runtime")
}

// writeClasspath lists the jars of Bazel's server, those that other jars name in
// their manifests included: the paths there are absolute and lead nowhere.
func (t tree) writeClasspath() error {
	file := filepath.Join(t.root, "usr/share/bazel/bazel_classpath_debian_depends.txt")
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var lines []string
	seen := make(map[string]bool)
	queue := strings.Fields(string(data))
	for len(queue) > 0 {
		jar := queue[0]
		queue = queue[1:]
		if seen[jar] {
			continue
		}
		seen[jar] = true
		named, err := classPath(filepath.Join(t.root, jar))
		if os.IsNotExist(err) {
			continue // jars name others that are optional
		}
		if err != nil {
			return fmt.Errorf("%s: %v", jar, err)
		}
		lines = append(lines, path.Join(t.final, jar))
		for _, other := range named {
			if !path.IsAbs(other) {
				other = path.Join(path.Dir(jar), other)
			}
			queue = append(queue, other)
		}
	}
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// classPath reads the Class-Path of a jar's manifest.
func classPath(jar string) ([]string, error) {
	archive, err := zip.OpenReader(jar)
	if err != nil {
		return nil, err
	}
	defer archive.Close()
	manifest, err := fs.ReadFile(archive, "META-INF/MANIFEST.MF")
	if err != nil {
		return nil, nil // a jar need not have one
	}
	return parseClassPath(string(manifest)), nil
}

// parseClassPath reads the Class-Path attribute, whose lines may be continued.
func parseClassPath(manifest string) []string {
	manifest = strings.ReplaceAll(manifest, "\r\n", "\n")
	manifest = strings.ReplaceAll(manifest, "\n ", "")
	for _, line := range strings.Split(manifest, "\n") {
		if !strings.HasPrefix(line, "Class-Path:") {
			continue
		}
		var jars []string
		for _, field := range strings.Fields(strings.TrimPrefix(line, "Class-Path:")) {
			field = strings.TrimPrefix(strings.TrimPrefix(field, "file://"), "file:")
			jars = append(jars, field)
		}
		return jars
	}
	return nil
}
