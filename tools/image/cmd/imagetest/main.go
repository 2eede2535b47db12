// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command imagetest tests finished images; the test rules in tools/image run it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

const usage = `Usage:
  imagetest closure [flags] LAYOUT    every library and symbol is there, and works
  imagetest structure [flags] LAYOUT  configuration and files are as specified
`

var errUsage = errors.New("wrong usage")

func main() {
	err := run(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "imagetest:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "closure":
		return closureTest(args[1:])
	case "structure":
		return structureTest(args[1:])
	}
	return errUsage
}
