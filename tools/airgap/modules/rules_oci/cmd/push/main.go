// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command push pushes an image layout to a registry. Targets of oci_push start
// it with their settings; what the user adds comes after those and wins.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/google/go-containerregistry/pkg/logs"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/publish"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are the flags, with the files they name not read yet.
type settings struct {
	publish.Request
	repositoryFile, tagsFile string
	verbose                  bool
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := s.readFiles(); err != nil {
		fmt.Fprintln(stderr, "push:", err)
		return 1
	}
	if s.Repository == "" {
		fmt.Fprintln(stderr, "push: there is no repository; set the attribute repository or repository_file, or pass --repository")
		return 2
	}
	logs.Warn.SetOutput(stderr)
	logs.Progress.SetOutput(stderr)
	if s.verbose {
		logs.Debug.SetOutput(stderr)
	}
	if err := publish.Push(ctx, s.Request, stdout); err != nil {
		fmt.Fprintln(stderr, "push:", err)
		return 1
	}
	return 0
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("push", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: bazel run <oci_push target> -- [flags]\n\nPushes the image by its digest, then sets the tags.")
		flags.PrintDefaults()
	}
	flags.StringVar(&s.Dir, "image", "", "the image `layout` (set by the target)")
	flags.StringVar(&s.repositoryFile, "repository-file", "", "`file` with the repository (set by the target)")
	flags.StringVar(&s.tagsFile, "tags-file", "", "`file` with one tag per line (set by the target)")
	for _, name := range []string{"repository", "r"} {
		flags.StringVar(&s.Repository, name, "", "`repository` to push to instead of the target's")
	}
	for _, name := range []string{"tag", "t"} {
		flags.Func(name, "a `tag` to set besides the target's; may be repeated", func(tag string) error {
			s.Tags = append(s.Tags, tag)
			return nil
		})
	}
	flags.BoolVar(&s.Insecure, "insecure", false, "allow plain HTTP and any certificate")
	flags.BoolVar(&s.Nondistributable, "allow-nondistributable-artifacts", false, "push layers that are usually left out, too")
	for _, name := range []string{"verbose", "v"} {
		flags.BoolVar(&s.verbose, name, false, "log every request")
	}
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		err := fmt.Errorf("push: unexpected argument %q; see --help", flags.Arg(0))
		fmt.Fprintln(stderr, err)
		return s, err
	}
	return s, nil
}

// readFiles adds the target's repository and tags to the user's.
func (s *settings) readFiles() error {
	if s.repositoryFile != "" && s.Repository == "" {
		data, err := os.ReadFile(s.repositoryFile)
		if err != nil {
			return fmt.Errorf("read the repository: %w", err)
		}
		s.Repository = strings.TrimSpace(string(data))
	}
	if s.tagsFile != "" {
		data, err := os.ReadFile(s.tagsFile)
		if err != nil {
			return fmt.Errorf("read the tags: %w", err)
		}
		s.Tags = append(s.Tags, strings.Fields(string(data))...)
	}
	return nil
}
