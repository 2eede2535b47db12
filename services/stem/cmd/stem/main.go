// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command stem serves the stems of words over HTTP.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/lupasearch/lupa/services/stem/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 when all is well, 1 when something failed, 2 when
// the flags are wrong.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	flags := flag.NewFlagSet("stem", flag.ContinueOnError)
	flags.SetOutput(stderr)
	listen := flags.String("listen", ":8083", "`address` to serve on")
	healthcheck := flags.Bool("healthcheck", false, "ask the running service whether it answers, and exit 0 or 1")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "stem: unexpected argument %q; see stem -help\n", flags.Arg(0))
		return 2
	}
	var err error
	if *healthcheck {
		err = server.Check(ctx, *listen)
	} else {
		err = server.Run(ctx, *listen, slog.New(slog.NewJSONHandler(stderr, nil)))
	}
	if err != nil {
		fmt.Fprintln(stderr, "stem:", err)
		return 1
	}
	return 0
}
