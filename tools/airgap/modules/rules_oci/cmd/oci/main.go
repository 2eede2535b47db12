// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command oci makes and loads image layouts. The rules of this module start it;
// "oci help" lists what it does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// command is one thing that oci does.
type command struct {
	name, summary string
	// run gets the arguments after the name, and a flag set to parse them.
	run func(c *call, args []string) error
}

// call is what a command works with.
type call struct {
	ctx            context.Context
	flags          *flag.FlagSet
	stdout, stderr io.Writer
}

var commands = []command{
	{"layer", "describe a layer", describeLayer},
	{"image", "make the layout of an image", buildImage},
	{"index", "make the layout of an image index", buildIndex},
	{"digest", "write the digest of a layout", writeDigest},
	{"tarball", "write a layout as an archive for container engines", writeTarball},
	{"load", "load a layout into the container engine", load},
}

// errUsage is wrapped by errors about the arguments.
var errUsage = errors.New("wrong usage")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		for _, c := range commands {
			if c.name == args[0] {
				return start(ctx, c, args[1:], stdout, stderr)
			}
		}
	}
	fmt.Fprintln(stderr, "Usage: oci COMMAND [flags]")
	for _, c := range commands {
		fmt.Fprintf(stderr, "  %-8s %s\n", c.name, c.summary)
	}
	if len(args) > 0 && (args[0] == "help" || args[0] == "--help") {
		return 0
	}
	return 2
}

func start(ctx context.Context, c command, args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("oci "+c.name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	err := c.run(&call{ctx, flags, stdout, stderr}, args)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "oci %s: %v; see --help\n", c.name, err)
		return 2
	default:
		fmt.Fprintf(stderr, "oci %s: %v\n", c.name, err)
		return 1
	}
}

// parse parses args, of which exactly these flags have to be given, and leaves
// the positional ones, at least min and at most max.
func (c *call) parse(args []string, min, max int, required ...string) error {
	if err := c.flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return err
	} else if err != nil {
		return fmt.Errorf("%w: %v", errUsage, err)
	}
	if n := c.flags.NArg(); n < min || n > max {
		return fmt.Errorf("%w: %d arguments besides the flags", errUsage, n)
	}
	for _, name := range required {
		if c.flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%w: --%s is missing", errUsage, name)
		}
	}
	return nil
}
