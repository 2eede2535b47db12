// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package postgres tests the image of PostgreSQL from inside, without a container
// engine.
package postgres

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/tools/image/jail"
	"github.com/lupasearch/lupa/tools/image/layout"
)

// limit is how long any one thing may take before a test gives up.
const limit = time.Minute

// A container is the image with its volumes.
type container struct {
	t    *testing.T
	jail *jail.Jail
	data string // the volume's folder
	port string
	env  []string
}

// newContainer unpacks the image, with scripts to run when the database is made.
func newContainer(t *testing.T, scripts map[string]string, env ...string) *container {
	t.Helper()
	folder, err := os.MkdirTemp("/tmp", "postgres-") // a short path, for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	images, err := layout.Images(runfile(t, "IMAGE"))
	if err != nil || len(images) != 1 {
		t.Fatalf("%d images, %v; want one", len(images), err)
	}
	root := filepath.Join(folder, "root")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	j, err := jail.New(images[0], root, jail.Tools{Helper: runfile(t, "JAIL")})
	if err != nil {
		t.Fatal(err)
	}
	c := &container{t: t, jail: j, data: filepath.Join(folder, "data"), port: freePort(t), env: env}
	for source, target := range map[string]string{
		c.data: "/var/lib/postgresql/data", folder + "/run": "/var/run/postgresql", folder + "/tmp": "/tmp",
	} {
		if err := os.Mkdir(source, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := j.Bind(source, target, false); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(root, "docker-entrypoint-initdb.d", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

func runfile(t *testing.T, variable string) string {
	t.Helper()
	file, err := runfiles.Rlocation(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v; run this test by Bazel", variable, err)
	}
	return file
}

func freePort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// A run is one life of the container's first process.
type run struct {
	*container
	command *exec.Cmd
	ended   chan error
	mu      sync.Mutex
	said    strings.Builder
}

// Write takes in what the container says.
func (r *run) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.Write(text)
}

func (r *run) log() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.said.String()
}

// start starts the container, which listens at loopback only.
func (c *container) start() *run {
	c.t.Helper()
	r := &run{container: c, ended: make(chan error, 1)}
	r.command = c.jail.Entrypoint("-c", "listen_addresses=127.0.0.1", "-c", "port="+c.port)
	r.command.Env = append(r.command.Env, c.env...)
	r.command.Stdout, r.command.Stderr = r, r
	if err := r.command.Start(); err != nil {
		c.t.Fatal(err)
	}
	go func() { r.ended <- r.command.Wait() }()
	c.t.Cleanup(func() { r.command.Process.Signal(syscall.SIGQUIT) }) //nolint:errcheck // it may be gone already
	return r
}

// wait waits for the end and gives the error it is.
func (r *run) wait() error {
	r.t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(limit):
		r.t.Fatalf("the container does not end; it said:\n%s", r.log())
		return nil
	}
}

// connect connects as soon as the server takes connections.
func (r *run) connect(user, password, database string) (*pgx.Conn, error) {
	r.t.Helper()
	address := url.URL{Scheme: "postgres", User: url.UserPassword(user, password), Host: "127.0.0.1:" + r.port, Path: database, RawQuery: "sslmode=disable"}
	for deadline := time.Now().Add(limit); ; {
		conn, err := pgx.Connect(r.t.Context(), address.String())
		if err == nil || strings.Contains(err.Error(), "SQLSTATE 28") {
			return conn, err
		}
		select {
		case <-r.ended:
			return nil, fmt.Errorf("the container ended; it said:\n%s", r.log())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%w; the container said:\n%s", err, r.log())
		}
	}
}

// value asks the server for a text.
func (r *run) value(user, password, database, sql string) string {
	r.t.Helper()
	conn, err := r.connect(user, password, database)
	if err != nil {
		r.t.Fatal(err)
	}
	defer conn.Close(context.Background()) //nolint:errcheck // the value is there by then
	var text string
	if err := conn.QueryRow(r.t.Context(), sql).Scan(&text); err != nil {
		r.t.Fatalf("%s: %v", sql, err)
	}
	return text
}

// stop ends the server in order.
func (r *run) stop() {
	r.t.Helper()
	if err := r.command.Process.Signal(syscall.SIGINT); err != nil {
		r.t.Fatal(err)
	}
	if err := r.wait(); err != nil {
		r.t.Errorf("the server ends with %v; it said:\n%s", err, r.log())
	}
}

func TestImage(t *testing.T) {
	c := newContainer(t, map[string]string{
		"10-table.sql": "CREATE TABLE item (name text);\n\\set name '''Ähre'''\nINSERT INTO item VALUES (:name);\n",
		"20-more.sql":  "COPY item FROM stdin;\nÖl\n\\.\n",
		"30-not.sh":    "exit 1\n",
	}, "POSTGRES_USER=lupa", "POSTGRES_PASSWORD=it's a secret", "POSTGRES_DB=my things")
	first := c.start()
	for sql, want := range map[string]string{
		"SELECT string_agg(lower(name), ',' ORDER BY name) FROM item":                                                    "ähre,öl",
		"SELECT ('2026-07-01 12:00Z'::timestamptz AT TIME ZONE 'Europe/Madrid')::text":                                   "2026-07-01 14:00:00",
		"SELECT lower('ÄÑЖ') COLLATE \"und-x-icu\"":                                                                      "äñж",
		"SELECT current_setting('password_encryption') || ' ' || (SELECT rolsuper FROM pg_roles WHERE rolname = 'lupa')": "scram-sha-256 true",
	} {
		if got := first.value("lupa", "it's a secret", "my things", sql); got != want {
			t.Errorf("%s: got %s, want %s", sql, got, want)
		}
	}
	if _, err := first.connect("lupa", "a guess", "my things"); err == nil {
		t.Error("a wrong password is right")
	}
	if !strings.Contains(first.log(), "30-not.sh") {
		t.Errorf("a script that is left out is not named:\n%s", first.log())
	}
	first.stop()

	second := c.start()
	if got := second.value("lupa", "it's a secret", "my things", "SELECT count(*)::text FROM item"); got != "2" {
		t.Errorf("after a restart there are %s rows, want 2", got)
	}
	second.stop()
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name    string
		scripts map[string]string
		env     []string
		want    string
	}{
		{"no password", nil, nil, "no password for user"},
		{"script", map[string]string{"10.sql": "SELEKT"}, []string{"POSTGRES_PASSWORD=p"}, "psql: exit status 3"},
		{"initdb", nil, []string{"POSTGRES_PASSWORD=p", "POSTGRES_INITDB_ARGS=--wal-segsize=3"}, "initdb: exit status 1"},
	} {
		c := newContainer(t, tt.scripts, tt.env...)
		r := c.start()
		if err := r.wait(); err == nil || !strings.Contains(r.log(), tt.want) {
			t.Errorf("%s: ended with %v and said, without %q:\n%s", tt.name, err, tt.want, r.log())
		}
		if left, err := os.ReadDir(c.data); err != nil || len(left) != 0 {
			t.Errorf("%s: leaves %v, %v", tt.name, left, err)
		}
	}
}

// TestStopEarly ends the container while the database is being made.
func TestStopEarly(t *testing.T) {
	c := newContainer(t, map[string]string{"10.sql": "SELECT pg_sleep(600)"}, "POSTGRES_PASSWORD=p")
	r := c.start()
	for deadline := time.Now().Add(limit); !strings.Contains(r.log(), "10.sql"); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the script is not run; the container said:\n%s", r.log())
		}
	}
	if err := r.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := r.wait(); err == nil {
		t.Error("half a database is a success")
	}
	if left, err := os.ReadDir(c.data); err != nil || len(left) != 0 {
		t.Errorf("it leaves %v, %v", left, err)
	}
}
