// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"context"
	"testing"

	"github.com/lupasearch/lupa/libs/pgserver"
)

// DSN is the address of a database, by the server's socket, as a URL for pgx and
// libpq. It stays the same over restarts.
func (s *Server) DSN(database string) string { return s.server.DSN(database) }

// TCP is the address of a database by 127.0.0.1, for a server with a Port.
func (s *Server) TCP(database string) string { return s.server.TCP(database) }

// Exec runs statements, separated by semicolons, in the database postgres.
// Several are one transaction, which a few statements do not take.
func (s *Server) Exec(sql string) {
	s.t.Helper()
	s.do(func(ctx context.Context) error { return s.server.Exec(ctx, "postgres", sql) })
}

// Start starts a server that was stopped or killed.
func (s *Server) Start() {
	s.t.Helper()
	s.do(s.server.Start)
}

// Stop stops the server: Fast or Immediate.
func (s *Server) Stop(mode pgserver.Mode) {
	s.t.Helper()
	s.do(func(ctx context.Context) error { return s.server.Stop(ctx, mode) })
}

// Restart stops the server and starts it again.
func (s *Server) Restart(mode pgserver.Mode) {
	s.t.Helper()
	s.Stop(mode)
	s.Start()
}

// Kill ends all processes of the server at once, as if its machine had stopped.
// What was committed is there again after Start.
func (s *Server) Kill() {
	s.t.Helper()
	s.do(func(context.Context) error { return s.server.Kill() })
}

// Standby makes and starts a streaming standby, which takes reads and ends with
// its test. It has the settings of its primary.
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	o := pgserver.Options{Programs: s.options.Programs, Folder: folder(t)}
	standby := &Server{t: t, options: o}
	standby.do(func(ctx context.Context) (err error) {
		standby.server, err = s.server.Standby(ctx, o)
		return err
	})
	standby.begin()
	return standby
}

// CatchUp waits until a standby has what its primary has written so far.
func (s *Server) CatchUp(primary *Server) {
	s.t.Helper()
	s.do(func(ctx context.Context) error { return s.server.CatchUp(ctx, primary.server) })
}

// Promote makes a standby a primary with a new timeline. The old one is not
// stopped.
func (s *Server) Promote() {
	s.t.Helper()
	s.do(s.server.Promote)
}

// do does something that the test cannot go on without.
func (s *Server) do(action func(context.Context) error) {
	s.t.Helper()
	ctx, cancel := patient()
	defer cancel()
	if err := action(ctx); err != nil {
		s.t.Fatalf("pgtest: %v", err)
	}
}
