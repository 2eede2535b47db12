// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package gosource turns templ templates into Go source.
package gosource

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"go/scanner"

	"github.com/a-h/parse"
	"github.com/a-h/templ/generator"
	"github.com/a-h/templ/parser/v2"
)

// Generate returns the Go source of a template, formatted. The name, a path
// with slashes below the workspace, is what errors at rendering time and errors
// of this function name; no other path, time or version gets into the result,
// which depends on name and template alone.
//
// Errors are of the form name:line:column: text, both counted from one.
func Generate(name string, template []byte) ([]byte, error) {
	file, err := parser.ParseString(string(template))
	if err != nil {
		return nil, located(name, err)
	}
	if file.Package.Expression.Value == "" {
		return nil, fmt.Errorf("%s:1:1: no package clause: write package and its name first", name)
	}
	if err := outdated(name, file); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	made, err := generator.Generate(file, &b, generator.WithFileName(name))
	if err != nil {
		return nil, located(name, err)
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		return nil, relocated(name, err, made.SourceMap)
	}
	return source, nil
}

// located puts the place of a parser's error first.
func located(name string, err error) error {
	var at parse.ParseError
	var open parser.UntilNotFoundError
	if errors.As(err, &open) {
		at = open.ParseError
	}
	if at.Msg != "" || errors.As(err, &at) {
		return fmt.Errorf("%s:%d:%d: %s", name, at.Pos.Line+1, at.Pos.Col+1, at.Msg)
	}
	return fmt.Errorf("%s:1:1: %w", name, err)
}

// outdated refuses syntax that templ still reads and has replaced.
func outdated(name string, file *parser.TemplateFile) error {
	found, err := parser.Diagnose(file)
	if err != nil {
		return located(name, err)
	}
	var all []error
	for _, d := range found {
		all = append(all, fmt.Errorf("%s:%d:%d: %s", name, d.Range.From.Line+1, d.Range.From.Col+1, d.Message))
	}
	return errors.Join(all...)
}

// relocated finds the template's places of errors in the Go source. Errors that
// only follow from others have none, and are left out.
func relocated(name string, err error, places *parser.SourceMap) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) {
		return fmt.Errorf("%s:1:1: %w", name, err)
	}
	var all []error
	for _, e := range list {
		if at, ok := places.SourcePositionFromTarget(uint32(e.Pos.Line-1), uint32(e.Pos.Column-1)); ok {
			all = append(all, fmt.Errorf("%s:%d:%d: %s", name, at.Line+1, at.Col+1, e.Msg))
		}
	}
	if len(all) == 0 {
		return fmt.Errorf("%s:1:1: the Go source made of it: %w", name, err)
	}
	return errors.Join(all...)
}
