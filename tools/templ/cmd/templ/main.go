// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command templ turns templ templates into Go source: one for a build, or every
// one of the workspace, beside its template, for tools that know no Bazel.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/lupasearch/lupa/tools/templ/gosource"
)

const usage = `Usage: bazel run //:templ
       templ -name=PATH -template=FILE -out=FILE

Turns templ templates into Go source. Without -template, every NAME.templ of the
workspace gets its NAME_templ.go beside it, for editors and the go command; git
and Bazel ignore these files. Flags:
`

// Endings of templates and of the Go source made of them.
const (
	ending = ".templ"
	made   = "_templ.go"
)

type options struct{ root, name, template, out string }

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, "templ:", err)
		os.Exit(2)
	}
	if o.template != "" {
		err = convert(o.name, o.template, o.out)
	} else {
		err = convertAll(o.root)
	}
	if err != nil {
		// Without the program's name, so that editors find the place.
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("templ", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Usage = func() {
		fmt.Fprint(stderr, usage)
		f.PrintDefaults()
	}
	f.StringVar(&o.root, "root", os.Getenv("BUILD_WORKSPACE_DIRECTORY"), "the tree's top `folder`; by default the workspace bazel was run in")
	f.StringVar(&o.name, "name", "", "the template's `path` below the workspace, for messages")
	f.StringVar(&o.template, "template", "", "the template's `file`")
	f.StringVar(&o.out, "out", "", "the `file` to write")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	one := o.name != "" && o.template != "" && o.out != ""
	none := o.name == "" && o.template == "" && o.out == "" && o.root != ""
	if !one && !none || f.NArg() > 0 {
		return o, errors.New("want -name, -template and -out, or none of them under bazel run; see -help")
	}
	return o, nil
}

func convert(name, template, out string) error {
	data, err := os.ReadFile(template)
	if err != nil {
		return err
	}
	source, err := gosource.Generate(name, data)
	if err != nil {
		return err
	}
	return os.WriteFile(out, source, 0o644)
}

// convertAll converts every template below root, also after one has an error.
func convertAll(root string) error {
	var wrong []error
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && foreign(root, path):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ending):
			return nil
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		wrong = append(wrong, convert(filepath.ToSlash(name), path, strings.TrimSuffix(path, ending)+made))
		return nil
	})
	return errors.Join(append(wrong, err)...)
}

// foreign says whether a folder holds no template of the tree's own packages.
func foreign(root, folder string) bool {
	name := filepath.Base(folder)
	return folder != root && (strings.HasPrefix(name, ".") || name == "node_modules" || name == "testdata" ||
		filepath.Dir(folder) == root && strings.HasPrefix(name, "bazel-"))
}
