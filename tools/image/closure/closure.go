// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package closure says whether a program finds all that it is loaded with: its
// loader, the shared libraries it needs, and those that they need.
package closure

import (
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// folders are where glibc's loader looks for libraries on Debian, by CPU.
var folders = map[elf.Machine][]string{
	elf.EM_AARCH64: {"lib/aarch64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib", "usr/lib"},
	elf.EM_X86_64:  {"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib", "usr/lib"},
}

// Missing returns what is not there for a program to start, one sentence per
// finding. The folder root stands for the root of its file system; links in it
// must not be absolute. An error means that the program could not be examined.
func Missing(root, program string) ([]string, error) {
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	w := walk{root: dir, seen: map[string]bool{}}
	err = w.program(strings.TrimPrefix(path.Clean("/"+program), "/"))
	if err = errors.Join(err, dir.Close()); err != nil {
		return nil, err
	}
	return w.findings, nil
}

// A walk goes from a program to all that it loads.
type walk struct {
	root     *os.Root
	machine  elf.Machine
	seen     map[string]bool // names of libraries
	findings []string
}

// An object is what the loader reads of a file.
type object struct {
	machine     elf.Machine
	interpreter string
	needed      []string
}

func (w *walk) program(name string) error {
	o, err := w.read(name)
	if err != nil {
		return err
	}
	w.machine = o.machine
	if folders[o.machine] == nil {
		return fmt.Errorf("%s: no folders of libraries are known for %v", name, o.machine)
	}
	if o.interpreter != "" {
		loader := strings.TrimPrefix(o.interpreter, "/")
		if found, err := w.loadable(loader); err != nil {
			return err
		} else if !found {
			w.findings = append(w.findings, fmt.Sprintf("/%s asks for the loader %s, which is not there", name, o.interpreter))
		}
	}
	return w.libraries(name, o.needed)
}

// libraries looks for what the object called name needs, and goes on from there.
func (w *walk) libraries(name string, needed []string) error {
	for _, library := range needed {
		if w.seen[library] {
			continue
		}
		w.seen[library] = true
		file, err := w.find(library)
		if err != nil {
			return err
		}
		if file == "" {
			w.findings = append(w.findings, fmt.Sprintf("/%s needs %s, which is not there for its CPU", name, library))
			continue
		}
		o, err := w.read(file)
		if err != nil {
			return err
		}
		if err := w.libraries(file, o.needed); err != nil {
			return err
		}
	}
	return nil
}

// find returns the first file that the loader would take, or "".
func (w *walk) find(library string) (string, error) {
	for _, folder := range folders[w.machine] {
		file := path.Join(folder, library)
		found, err := w.loadable(file)
		if err != nil {
			return "", err
		}
		if found {
			return file, nil
		}
	}
	return "", nil
}

// loadable says whether a file is there and is for the program's CPU; the loader
// passes over those of others.
func (w *walk) loadable(file string) (bool, error) {
	o, err := w.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return o.machine == w.machine, err
}

func (w *walk) read(name string) (o object, err error) {
	f, err := w.root.Open(name)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	file, err := elf.NewFile(f)
	if err != nil {
		return o, fmt.Errorf("%s: %w", name, err)
	}
	o.machine = file.Machine
	for _, segment := range file.Progs {
		if segment.Type != elf.PT_INTERP {
			continue
		}
		text := make([]byte, segment.Filesz)
		if _, err := segment.ReadAt(text, 0); err != nil {
			return o, fmt.Errorf("%s: loader: %w", name, err)
		}
		o.interpreter = strings.TrimRight(string(text), "\x00")
	}
	if o.needed, err = file.ImportedLibraries(); err != nil {
		return o, fmt.Errorf("%s: libraries: %w", name, err)
	}
	return o, nil
}
