// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command debugdir lays a file of debug symbols out as debuggers and profilers look
// for it: by the build id of the program it belongs to.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: debugdir SYMBOLS PROGRAM FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "debugdir:", err)
		os.Exit(1)
	}
}

func run(symbolsFile, programFile, folder string) error {
	data, err := os.ReadFile(symbolsFile)
	if err != nil {
		return err
	}
	id, err := buildID(symbolsFile)
	if err != nil {
		return err
	}
	shipped, err := buildID(programFile)
	if err != nil {
		return err
	}
	if id != shipped {
		return fmt.Errorf("%s is of the build %s, %s of %s", symbolsFile, id, programFile, shipped)
	}
	place := filepath.Join(folder, ".build-id", id[:2], id[2:]+".debug")
	return errors.Join(os.MkdirAll(filepath.Dir(place), 0o755), os.WriteFile(place, data, 0o644))
}

func buildID(name string) (string, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	program, err := elfcheck.Parse(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	id := program.BuildID()
	if len(id) != 40 {
		return "", fmt.Errorf("%s: build id is %q, want 40 digits", name, id)
	}
	return id, nil
}
