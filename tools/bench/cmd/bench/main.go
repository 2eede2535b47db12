// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command bench runs Lupa's benchmarks: each measures Lupa beside its peers, prints
// tables, and writes a report.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lupasearch/lupa/tools/bench/freshness"
	"github.com/lupasearch/lupa/tools/bench/latency"
	"github.com/lupasearch/lupa/tools/bench/relevance"
	"github.com/lupasearch/lupa/tools/bench/report"
	"github.com/lupasearch/lupa/tools/bench/suggest"
)

// benchmarks are all there are, in the order of the help.
var benchmarks = []report.Benchmark{
	relevance.Benchmark,
	latency.Benchmark,
	suggest.Benchmark,
	freshness.Benchmark,
}

// errUsage says that the command line was wrong, and that this was printed.
var errUsage = errors.New("usage")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	// Paths on the command line begin where "bazel run" was called.
	if folder := os.Getenv("BUILD_WORKING_DIRECTORY"); folder != "" {
		if err := os.Chdir(folder); err != nil {
			return err
		}
	}
	if len(args) == 0 {
		usage(stderr)
		return errUsage
	}
	if args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		usage(stdout)
		return nil
	}
	for _, b := range benchmarks {
		if b.Name == args[0] {
			return runOne(ctx, b, args[1:], stdout, stderr)
		}
	}
	fmt.Fprintf(stderr, "bench: there is no benchmark %q\n", args[0])
	usage(stderr)
	return errUsage
}

func usage(out io.Writer) {
	fmt.Fprint(out, "Usage: bazel run //tools/bench -- BENCHMARK [flags]\n\nBenchmarks:\n")
	for _, b := range benchmarks {
		fmt.Fprintf(out, "  %-10s %s\n", b.Name, b.Summary)
	}
	fmt.Fprint(out, "\nBENCHMARK -help tells more. Outside of Bazel:\n  go run -tags sqlite_fts5,sqlite_omit_load_extension ./tools/bench/cmd/bench BENCHMARK -lupa=FILE …\n")
}

// runOne runs a benchmark, prints its report, and writes it to the files asked for.
func runOne(ctx context.Context, b report.Benchmark, args []string, stdout, stderr io.Writer) error {
	fs := flag.NewFlagSet(b.Name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "%s: %s.\n\n%s\n\nFlags:\n", b.Name, b.Summary, b.Help)
		fs.PrintDefaults()
	}
	var files fileList
	fs.Var(&files, "o", "`file` to write the report to, in addition: NAME.md or NAME.json; may be given again")
	measure := b.Setup(fs)
	switch err := fs.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return errUsage // flag has printed it
	case fs.NArg() > 0:
		fmt.Fprintf(stderr, "bench %s: takes flags only, not %q\n", b.Name, fs.Arg(0))
		return errUsage
	}
	start := time.Now()
	r, err := measure(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", b.Name, err)
	}
	r.Benchmark = b.Name
	addMachine(r, time.Since(start))
	if _, err := io.WriteString(stdout, r.Text()); err != nil {
		return err
	}
	for _, file := range files {
		if err := r.Write(file); err != nil {
			return err
		}
	}
	return nil
}

// addMachine says what the figures were measured on.
func addMachine(r *report.Report, took time.Duration) {
	if r.Facts == nil {
		r.Facts = make(map[string]string)
	}
	r.Facts["processors"] = strconv.Itoa(runtime.NumCPU())
	r.Facts["Go"] = runtime.Version()
	r.Facts["took"] = took.Round(time.Millisecond).String()
}

// A fileList collects the values of a flag that may be given again.
type fileList []string

func (l *fileList) String() string { return strings.Join(*l, " ") }

func (l *fileList) Set(file string) error {
	if !strings.HasSuffix(file, ".md") && !strings.HasSuffix(file, ".json") {
		return errors.New("a report's name ends in .md or .json")
	}
	*l = append(*l, file)
	return nil
}
