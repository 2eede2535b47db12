// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package pgtest gives tests a real PostgreSQL 15 server.
//
// Under Bazel it is that of the package lock, which comes along with this
// library; elsewhere, that of Debian's package postgresql-15. The variable
// PGTEST_BIN names the folder of the programs to take instead. A server ends
// with its test, whatever becomes of that.
//
// Everything a test asks for that does not come about fails that test: there is
// no error to look at, and a server that is missing is no reason to skip.
//
//	s := pgtest.Start(t, pgtest.WAL("logical"))
//	db := s.Database(t)
//	db.Exec("CREATE TABLE item (id integer PRIMARY KEY)")
//	source.Open(db.DSN)
//	s.Restart(pgtest.Fast)
package pgtest

import (
	"context"
	"errors"
	"maps"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgserver"
)

// Ways to stop a server.
const (
	// Fast ends sessions and shuts down in order.
	Fast = pgserver.Fast
	// Immediate drops everything; the next start recovers.
	Immediate = pgserver.Immediate
)

// patience is how long anything may take before the test fails. What is waited
// for takes less than a second; machines that run tests may be very busy.
const patience = time.Minute

// debian is where Debian's package puts the programs.
const debian = "/usr/lib/postgresql/15/bin"

// An Option changes how a server is made.
type Option func(*pgserver.Options)

// WAL sets wal_level: minimal, replica (as without this option) or logical.
func WAL(level string) Option { return Settings(map[string]string{"wal_level": level}) }

// Settings sets what postgresql.conf can hold. The last of several options wins.
func Settings(settings map[string]string) Option {
	return func(o *pgserver.Options) { maps.Copy(o.Settings, settings) }
}

// Port lets the server listen at a port of 127.0.0.1, too.
func Port(port int) Option {
	return func(o *pgserver.Options) { o.Port = port }
}

// A Server is a running PostgreSQL server. Its methods are for the goroutine of
// the test; what they give, for any.
type Server struct {
	t       testing.TB
	server  *pgserver.Server
	options pgserver.Options
}

// Start makes a server and starts it.
func Start(t testing.TB, options ...Option) *Server {
	t.Helper()
	began := time.Now()
	o := pgserver.Options{Programs: programs(t), Folder: folder(t), Settings: make(map[string]string)}
	for _, option := range options {
		option(&o)
	}
	ctx, cancel := patient()
	defer cancel()
	var err error
	if o.Template, err = template(ctx, o.Programs); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	server, err := pgserver.Create(ctx, o)
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	s := &Server{t: t, server: server, options: o}
	s.begin()
	t.Logf("PostgreSQL started in %v", time.Since(began).Round(time.Millisecond))
	return s
}

// templates has the one template of all servers, once there is a server.
var templates struct {
	sync.Mutex
	made *pgserver.Template
}

func template(ctx context.Context, programs pgserver.Programs) (*pgserver.Template, error) {
	templates.Lock()
	defer templates.Unlock()
	var err error
	if templates.made == nil {
		templates.made, err = pgserver.NewTemplate(ctx, programs)
	}
	return templates.made, err
}

// begin starts a server that was made, and sees to its end.
func (s *Server) begin() {
	s.t.Helper()
	s.t.Cleanup(func() {
		if err := s.server.Kill(); err != nil {
			s.t.Errorf("pgtest: %v", err)
		}
		if s.t.Failed() {
			s.t.Logf("the server's log ends with:\n%s", s.server.LogTail(100))
			s.keepLog()
		}
	})
	s.Start()
}

// keepLog puts the whole log among the test's outputs, where Bazel collects any.
func (s *Server) keepLog() {
	outputs := os.Getenv("TEST_UNDECLARED_OUTPUTS_DIR")
	if outputs == "" {
		return
	}
	log, err := os.ReadFile(s.server.LogFile())
	if err == nil {
		err = os.WriteFile(filepath.Join(outputs, filepath.Base(s.options.Folder)+".log"), log, 0o644)
	}
	if err != nil {
		s.t.Errorf("pgtest: keep the server's log: %v", err)
	}
}

// programs finds PostgreSQL's programs.
func programs(t testing.TB) pgserver.Programs {
	t.Helper()
	folder := os.Getenv("PGTEST_BIN")
	if folder == "" {
		bundled, err := pgserver.Bundled()
		if err == nil {
			return bundled
		}
		if !errors.Is(err, pgserver.ErrNotBundled) {
			t.Fatalf("pgtest: %v", err)
		}
		folder = debian
	}
	programs, err := pgserver.InstalledIn(folder)
	if err != nil {
		t.Fatalf("pgtest: %v; run the test by Bazel, which brings PostgreSQL along, install Debian's postgresql-15, or set PGTEST_BIN to the folder of its programs", err)
	}
	return programs
}

// folder makes one with a short path, which a socket needs, and removes it after
// the test. The one of t.TempDir has the test's name in it.
func folder(t testing.TB) string {
	t.Helper()
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "pgtest-")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	if dir, err = filepath.Abs(dir); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	return dir
}

// patient is the context of whatever the server is asked to do.
func patient() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), patience)
}

// FreePort is a port of 127.0.0.1 that nobody listens at.
func FreePort(t testing.TB) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatalf("pgtest: %v is no TCP address", listener.Addr())
	}
	return address.Port
}
