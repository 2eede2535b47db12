// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command entrypoint is the first process of a container with PostgreSQL.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/lupasearch/lupa/tools/postgres/entrypoint"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(log, entrypoint.Command(os.Args[1:])); err != nil {
		log.Error("not started", "error", err.Error())
		os.Exit(1)
	}
}

// run becomes the program, so that signals reach it and its exit code is ours.
func run(log *slog.Logger, command []string) error {
	if command[0] == "postgres" {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		settings, err := entrypoint.Read(os.Getenv)
		if err != nil {
			return err
		}
		if err := entrypoint.Initialize(ctx, settings, log); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := os.Setenv("PGDATA", settings.Data); err != nil {
			return err
		}
		stop()
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return syscall.Exec(program, command, os.Environ())
}
