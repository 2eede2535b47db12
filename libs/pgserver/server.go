// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package pgserver runs PostgreSQL servers: throw-away ones, in a folder of
// their own, reached by a Unix socket in it.
//
// It is for tests, which use it through pgtest, and for demonstrations. Data is
// never synced to disk: a server that is killed recovers, a machine that loses
// power leaves nothing of worth.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// User is the superuser of every server. Nobody is asked for a password.
const User = "postgres"

// maxFolder is the longest path of a folder that can hold a server's socket,
// which has 107 bytes for its whole path.
const maxFolder = 107 - len("/.s.PGSQL.65535")

// Options say how a server is made.
type Options struct {
	// Programs are PostgreSQL's. They must be given.
	Programs Programs
	// Folder is an empty folder for data, log and socket: an absolute path of
	// at most 92 bytes. It may be given to nobody, who must be able to reach it.
	// Whoever made it removes it after Stop.
	Folder string
	// Template, if given, is what the server is a copy of, which takes a tenth of
	// the time. It must be of the same programs.
	Template *Template
	// Settings are written into postgresql.conf. ALTER SYSTEM can change them.
	Settings map[string]string
	// Port of 127.0.0.1 to listen at; zero for the socket alone.
	Port int
}

// A Server is a PostgreSQL server that is made, and may be running. It is for
// use by one goroutine at a time; what DSN gives is for any number.
type Server struct {
	options  Options
	programs installed
	identity identity
	process  *process
}

// Create makes a server, which is not running yet.
func Create(ctx context.Context, o Options) (*Server, error) {
	s, err := prepare(o)
	if err == nil && o.Template != nil {
		s.identity = o.Template.identity
		err = o.Template.unpack(s.data())
	} else if err == nil {
		err = s.initdb(ctx)
	}
	if err == nil {
		err = s.configure()
	}
	if err != nil {
		return nil, fmt.Errorf("create PostgreSQL server: %w", err)
	}
	return s, nil
}

// initdb makes the data folder. Other locales than that of the C library are a
// matter of the machine.
func (s *Server) initdb(ctx context.Context) error {
	return s.run(ctx, "initdb", "--pgdata="+s.data(), "--username="+User, "--auth=trust",
		"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")
}

func prepare(o Options) (*Server, error) {
	if !filepath.IsAbs(o.Folder) || len(o.Folder) > maxFolder {
		return nil, fmt.Errorf("folder %q: need an absolute path of at most %d bytes, for the socket in it", o.Folder, maxFolder)
	}
	if o.Programs == nil {
		return nil, errors.New("no programs given")
	}
	programs, err := o.Programs.install(o.Folder)
	if err != nil {
		return nil, err
	}
	return &Server{options: o, programs: programs}, nil
}

// defaults are settings of all servers.
var defaults = map[string]string{
	// Speed, at the price of losing everything with the machine.
	"fsync":            "off",
	"full_page_writes": "off",
	// Nothing outside the folder is left behind by a server that is killed.
	"dynamic_shared_memory_type": "mmap",
	"shared_buffers":             "32MB",
	// Its compiler is no part of what we bring along.
	"jit": "off",
	// The same everywhere.
	"timezone":        "GMT",
	"log_timezone":    "GMT",
	"log_line_prefix": "%m [%p] %d ",
}

// configure appends the settings to the server's configuration.
func (s *Server) configure() error {
	settings := maps.Clone(defaults)
	maps.Copy(settings, s.options.Settings)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(settings[name]))
	}
	file, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = file.WriteString(b.String())
	return errors.Join(err, file.Close())
}

// DSN is the address of a database for pgx and libpq, as a URL.
func (s *Server) DSN(database string) string {
	query := url.Values{"host": {s.options.Folder}, "port": {strconv.Itoa(s.port())}}
	address := url.URL{Scheme: "postgres", User: url.User(User), Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}

// TCP is the address of a database by 127.0.0.1; the server needs a port.
func (s *Server) TCP(database string) string {
	address := url.URL{
		Scheme: "postgres", User: url.User(User), Path: "/" + database,
		Host: "127.0.0.1:" + strconv.Itoa(s.port()), RawQuery: "sslmode=disable",
	}
	return address.String()
}

// Exec runs statements in a database, as one transaction.
func (s *Server) Exec(ctx context.Context, database, sql string) error {
	conn, err := pgx.Connect(ctx, s.DSN(database))
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// Psql writes a script into the server's folder that starts psql on a database,
// for people, and returns its path.
func (s *Server) Psql(database string) (string, error) {
	var words []string
	for _, word := range append(append([]string{"env"}, s.programs.env...), filepath.Join(s.programs.folder, "psql"), s.DSN(database)) {
		words = append(words, "'"+strings.ReplaceAll(word, "'", `'\''`)+"'")
	}
	file := filepath.Join(s.options.Folder, "psql")
	if err := os.WriteFile(file, []byte("#!/bin/sh\nexec "+strings.Join(words, " ")+" \"$@\"\n"), 0o755); err != nil {
		return "", fmt.Errorf("write psql: %w", err)
	}
	return file, nil
}

// LogFile is the file that the server writes its log to.
func (s *Server) LogFile() string { return filepath.Join(s.options.Folder, "server.log") }

// data is the data folder.
func (s *Server) data() string { return filepath.Join(s.options.Folder, "data") }

// port is also part of the socket's name.
func (s *Server) port() int {
	if s.options.Port == 0 {
		return 5432
	}
	return s.options.Port
}
