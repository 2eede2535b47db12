// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package closure

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
)

// Options are what Check asks beyond completeness.
type Options struct {
	// MaxGLIBC is the newest release of glibc whose symbols may be asked for.
	MaxGLIBC elfcheck.Version
	// Minimal asks that every library is one that a program is loaded with, or one
	// of Loaded.
	Minimal bool
	// Loaded are names of libraries that programs load by themselves.
	Loaded []string
}

// A Report is what Check found, and how much it looked at.
type Report struct {
	Findings []string // sorted, one sentence each
	Objects  int      // ELF files
	Needed   int      // names of libraries in them
	Symbols  int      // that one of them takes from another
	Newest   elfcheck.Version
}

// debuggers are symbols that libthread_db takes from the debugger that loads it.
const debuggers = "ps_"

// Check looks at every ELF file, whoever needs it.
func Check(files Files, options Options) (Report, error) {
	w := walk{files: files, objects: make(map[string]*object), reached: make(map[string]bool)}
	var r Report
	var libraries []string
	for name := range files {
		o, err := w.object(name)
		if err != nil {
			return r, err
		}
		if o != nil {
			r.Objects, r.Needed = r.Objects+1, r.Needed+len(o.needed)
			libraries = append(libraries, name)
		}
	}
	slices.Sort(libraries)
	loaded, err := w.loaded(libraries, options)
	if err != nil {
		return r, err
	}
	for _, name := range libraries {
		o := w.objects[name]
		if err := w.follow(o); err != nil {
			return r, err
		}
		w.checkFolders(o)
		scope, err := w.scope(o)
		if err != nil {
			return r, err
		}
		r.Symbols += len(o.wanted)
		if err := w.checkSymbols(o, scope); err != nil {
			return r, err
		}
		if err := w.checkVersions(o, options, &r); err != nil {
			return r, err
		}
		w.checkCharacterSets(o)
		if options.Minimal && !loaded[name] && !o.isProgram() {
			w.find("/%s is loaded by no program", name)
		}
	}
	slices.Sort(w.findings)
	r.Findings = slices.Compact(w.findings)
	return r, nil
}

// loaded marks what programs are loaded with, and what they load.
func (w *walk) loaded(objects []string, options Options) (map[string]bool, error) {
	v := walk{files: w.files, objects: w.objects, reached: make(map[string]bool)}
	for _, name := range objects {
		o := w.objects[name]
		if o.isProgram() {
			if err := v.follow(o); err != nil {
				return nil, err
			}
		}
		if slices.Contains(options.Loaded, path.Base(name)) {
			v.reached[name] = true
			if err := v.follow(o); err != nil {
				return nil, err
			}
		}
	}
	return v.reached, nil
}

// scope lists the objects that the loader looks for an object's symbols in.
func (w *walk) scope(o *object) ([]*object, error) {
	scope := []*object{o}
	for i := 0; i < len(scope); i++ {
		for _, library := range scope[i].needed {
			found, err := w.library(scope[i], library)
			if err != nil {
				return nil, err
			}
			if found != nil && !slices.Contains(scope, found) {
				scope = append(scope, found)
			}
		}
	}
	return scope, nil
}

// checkFolders finds search paths that leave the image or depend on the folder
// that a program is started in.
func (w *walk) checkFolders(o *object) {
	for _, folder := range o.searched {
		place := strings.ReplaceAll(folder, "$ORIGIN", "/"+path.Dir(o.path))
		switch {
		case !path.IsAbs(place):
			w.find("/%s looks for libraries in %q, which depends on where it is started", o.path, folder)
		case !w.files.hasFolder(place):
			w.find("/%s looks for libraries in %s, which is not in the image", o.path, folder)
		}
	}
}

// checkSymbols finds symbols that no library of the scope has, in the version that
// is asked for. Those of a library that is not there go without saying.
func (w *walk) checkSymbols(o *object, scope []*object) error {
	debugger := strings.HasPrefix(path.Base(o.path), "libthread_db.")
	for _, s := range o.wanted {
		if slices.ContainsFunc(scope, func(from *object) bool { return from.defined[symbol{name: s.name, version: s.version}] }) {
			continue
		}
		if s.library == "" {
			if !w.incomplete(scope) && (!debugger || !strings.HasPrefix(s.name, debuggers)) {
				w.find("/%s takes %s from its libraries, which none of them has", o.path, s.name)
			}
			continue
		}
		if from, err := w.library(o, s.library); err != nil {
			return err
		} else if from != nil {
			w.find("/%s takes %s@%s from %s, which does not have it", o.path, s.name, s.version, s.library)
		}
	}
	return nil
}

// incomplete says whether a library of a scope is not there.
func (w *walk) incomplete(scope []*object) bool {
	for _, o := range scope {
		for _, library := range o.needed {
			if found, err := w.library(o, library); found == nil || err != nil {
				return true
			}
		}
	}
	return false
}

// checkVersions finds versions that a library does not have, and releases of glibc
// that are too new.
func (w *walk) checkVersions(o *object, options Options, r *Report) error {
	for _, asked := range o.asked {
		from, err := w.library(o, asked.library)
		if err != nil {
			return err
		}
		if from != nil && !from.versions[asked.version] {
			w.find("/%s asks %s for the version %s, which it does not have", o.path, asked.library, asked.version)
		}
		number, ok := strings.CutPrefix(asked.version, "GLIBC_")
		if !ok {
			continue
		}
		if asked.version == elfcheck.PackedRelocations {
			number = elfcheck.PackedSince
		}
		version, err := elfcheck.ParseVersion(number)
		if err != nil {
			continue // GLIBC_PRIVATE: of glibc's own libraries among themselves
		}
		if version.After(r.Newest) {
			r.Newest = version
		}
		if options.MaxGLIBC != (elfcheck.Version{}) && version.After(options.MaxGLIBC) {
			w.find("/%s asks for %s, newest allowed is GLIBC_%v", o.path, asked.version, options.MaxGLIBC)
		}
	}
	return nil
}

// checkCharacterSets finds objects that convert character sets where the
// converters, which glibc loads when asked for one, are not there.
func (w *walk) checkCharacterSets(o *object) {
	if !slices.ContainsFunc(o.wanted, func(s symbol) bool { return s.name == "iconv_open" }) {
		return
	}
	for _, folder := range folders[o.machine] {
		if _, _, ok := w.files.Resolve(fmt.Sprintf("%s/gconv/gconv-modules", folder)); ok {
			return
		}
	}
	w.find("/%s calls iconv_open, but no converter of character sets is there (gconv)", o.path)
}
