// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package closure

import (
	"debug/elf"
	"fmt"
	"path"
	"slices"
	"strings"
)

// A Want is what Follow starts from. The zero value wants nothing.
type Want struct {
	Programs map[string][]byte // name, for errors, to content
	// Libraries are names of libraries that programs load without saying so in
	// their files, such as libnss_dns.so.2.
	Libraries []string
	// Machine is the CPU of Libraries; programs name their own.
	Machine elf.Machine
}

// Follow returns the paths of the files that programs are loaded with: loaders,
// libraries and the links that lead to them, sorted. What is not among the files
// is an error.
func Follow(files Files, want Want) ([]string, error) {
	w := walk{files: files, objects: make(map[string]*object), reached: make(map[string]bool)}
	for name, data := range want.Programs {
		o, err := parse(name, data)
		if err != nil {
			return nil, err
		}
		if err := w.follow(o); err != nil {
			return nil, err
		}
	}
	for _, library := range want.Libraries {
		o := &object{path: "list of libraries", machine: want.Machine, needed: []string{library}}
		if err := w.follow(o); err != nil {
			return nil, err
		}
	}
	if len(w.findings) > 0 {
		slices.Sort(w.findings)
		return nil, fmt.Errorf("the packages lack libraries:\n  %s", strings.Join(slices.Compact(w.findings), "\n  "))
	}
	var paths []string
	for p := range w.reached {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	return paths, nil
}

// A walk goes from objects to all that they load.
type walk struct {
	files    Files
	objects  map[string]*object // by path
	reached  map[string]bool    // paths of files and links
	findings []string
}

// object reads a file once; nil is for what is no ELF file.
func (w *walk) object(name string) (*object, error) {
	if o, ok := w.objects[name]; ok {
		return o, nil
	}
	var o *object
	if data := w.files[name].Data; isELF(data) {
		var err error
		if o, err = parse(name, data); err != nil {
			return nil, err
		}
	}
	w.objects[name] = o
	return o, nil
}

// follow marks all that an object is loaded with.
func (w *walk) follow(o *object) error {
	if o.interpreter != "" {
		loader, err := w.open(o, o.interpreter)
		if err != nil {
			return err
		}
		if loader == nil {
			w.find("/%s asks for the loader %s, which is not there", o.path, o.interpreter)
		}
	}
	for _, library := range o.needed {
		found, err := w.library(o, library)
		if err != nil {
			return err
		}
		if found == nil {
			w.find("/%s needs %s, which is not there for its CPU", o.path, library)
		}
	}
	return nil
}

// library finds the first file that the loader would take for a name, or nil.
func (w *walk) library(o *object, library string) (*object, error) {
	if strings.Contains(library, "/") {
		return w.open(o, library)
	}
	places := make([]string, 0, len(o.searched)+4)
	for _, folder := range o.searched {
		places = append(places, strings.ReplaceAll(folder, "$ORIGIN", "/"+path.Dir(o.path)))
	}
	for _, folder := range append(places, folders[o.machine]...) {
		found, err := w.open(o, path.Join(folder, library))
		if found != nil || err != nil {
			return found, err
		}
	}
	return nil, nil
}

// open reads the file at a path, if it is for the CPU of the one that asks for it;
// the loader passes over those of others. What is new is followed.
func (w *walk) open(from *object, name string) (*object, error) {
	file, links, ok := w.files.Resolve(name)
	if !ok {
		return nil, nil
	}
	o, err := w.object(file)
	if err != nil || o == nil || o.machine != from.machine {
		return nil, err
	}
	for _, link := range links {
		w.reached[link] = true
	}
	if w.reached[file] {
		return o, nil
	}
	w.reached[file] = true
	return o, w.follow(o)
}

func (w *walk) find(format string, args ...any) {
	w.findings = append(w.findings, fmt.Sprintf(format, args...))
}
