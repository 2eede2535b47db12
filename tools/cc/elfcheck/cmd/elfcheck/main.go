// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command elfcheck checks how a program was linked and prints what is wrong.
//
// It exits with 0 if nothing is, with 1 if something is or if a file cannot be
// read, and with 2 if it was called wrongly.
package main

import (
	"debug/elf"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/lupasearch/lupa/tools/cc/elfcheck"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// options is the command line.
type options struct {
	spec    elfcheck.Spec
	program string
	// differ and agree are programs to compare build ids with.
	differ, agree []string
}

func run(args []string, out, errOut io.Writer) int {
	opts, err := parse(args, errOut)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(errOut, "elfcheck: %v (try -help)\n", err)
		return 2
	}
	findings, err := check(opts)
	if err != nil {
		fmt.Fprintf(errOut, "elfcheck: %v\n", err)
		return 1
	}
	for _, finding := range findings {
		fmt.Fprintf(out, "%s: %s\n", opts.program, finding)
	}
	if len(findings) > 0 {
		return 1
	}
	return 0
}

// parse reads the command line.
func parse(args []string, errOut io.Writer) (options, error) {
	var opts options
	set := flag.NewFlagSet("elfcheck", flag.ContinueOnError)
	set.SetOutput(errOut)
	set.Usage = func() {
		fmt.Fprintln(errOut, "usage: elfcheck [flags] PROGRAM")
		set.PrintDefaults()
	}
	machine := set.String("machine", "EM_X86_64", "CPU, such as EM_X86_64 or EM_AARCH64")
	glibc := set.String("max-glibc", "2.36", "newest glibc whose symbols may be used")
	set.BoolVar(&opts.spec.Static, "static", false, "want a fully static program")
	set.BoolVar(&opts.spec.Stripped, "stripped", false, "want no symbols and no debug information")
	set.StringVar(&opts.spec.Interpreter, "interpreter", "", "dynamic loader it must ask for")
	for _, repeated := range []struct {
		name, usage string
		list        *[]string
	}{
		{"needed", "library it must load (repeated: exactly these)", &opts.spec.Needed},
		{"comment", "maker that .comment may name (repeated: only these)", &opts.spec.Comments},
		{"forbid", "text that may not be in the file, beside machine paths (repeated)", &opts.spec.Forbidden},
		{"differ", "program that must have another build id (repeated)", &opts.differ},
		{"agree", "program that must have the same build id (repeated)", &opts.agree},
	} {
		set.Func(repeated.name, repeated.usage, func(value string) error {
			*repeated.list = append(*repeated.list, value)
			return nil
		})
	}
	if err := set.Parse(args); err != nil {
		return options{}, err
	}
	if set.NArg() != 1 {
		return options{}, fmt.Errorf("want one program, got %q", set.Args())
	}
	opts.program = set.Arg(0)
	opts.spec.Forbidden = append(opts.spec.Forbidden, elfcheck.MachineTraces...)
	var err error
	if opts.spec.MaxGLIBC, err = elfcheck.ParseVersion(*glibc); err != nil {
		return options{}, fmt.Errorf("flag -max-glibc: %w", err)
	}
	opts.spec.Machine, err = parseMachine(*machine)
	return opts, err
}

// parseMachine reads the name of a CPU as debug/elf writes it.
func parseMachine(name string) (elf.Machine, error) {
	machines := []elf.Machine{elf.EM_X86_64, elf.EM_AARCH64}
	var names []string
	for _, machine := range machines {
		if machine.String() == name {
			return machine, nil
		}
		names = append(names, machine.String())
	}
	return 0, fmt.Errorf("flag -machine: unknown CPU %q, want one of %s",
		name, strings.Join(names, ", "))
}

// check examines the program and compares its build id.
func check(opts options) ([]string, error) {
	program, err := load(opts.program)
	if err != nil {
		return nil, err
	}
	findings, err := elfcheck.Check(program, opts.spec)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", opts.program, err)
	}
	for _, group := range []struct {
		others []string
		same   bool
		is     string
	}{{opts.differ, false, "the same as"}, {opts.agree, true, "another than"}} {
		for _, name := range group.others {
			other, err := load(name)
			if err != nil {
				return nil, err
			}
			if (program.BuildID() == other.BuildID()) != group.same {
				findings = append(findings, fmt.Sprintf("build id %s is %s that of %s (%s)",
					program.BuildID(), group.is, name, other.BuildID()))
			}
		}
	}
	return findings, nil
}

// load reads the ELF file of a name.
func load(name string) (*elfcheck.Program, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read program: %w", err)
	}
	program, err := elfcheck.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return program, nil
}
