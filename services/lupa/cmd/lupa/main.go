// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command lupa is a full-text search cache: it copies documents into a local
// SQLite FTS5 index, keeps the copy fresh, and serves search over HTTP.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/lupasearch/lupa/services/lupa/internal/daemon"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := daemon.Main(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv)
	stop()
	os.Exit(code)
}
