// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Times that bound a connection, the end, and the question whether all is well.
const (
	readTime     = 5 * time.Second
	writeTime    = 10 * time.Second
	shutdownTime = 10 * time.Second
	checkTime    = 3 * time.Second
)

// Run serves on address until ctx ends, then finishes what is under way.
func Run(ctx context.Context, address string, log *slog.Logger) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", address, err)
	}
	server := &http.Server{
		Handler: New(log), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadTimeout: readTime, WriteTimeout: writeTime,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	log.Info("serving", "address", listener.Addr().String())
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	limit, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer done()
	if err := server.Shutdown(limit); err != nil {
		return fmt.Errorf("stop serving: %w", err)
	}
	log.Info("stopped")
	return nil
}

// Check asks the service on this machine whether it answers; images have no shell
// to do it.
func Check(ctx context.Context, address string) error {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost:"+port+"/livez", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("livez: %s", answer.Status)
	}
	return nil
}
