// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package entrypoint_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/postgres/entrypoint"
)

func TestRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte("from a file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		env  map[string]string
		want entrypoint.Settings
		err  string
	}{
		{name: "defaults", want: entrypoint.Settings{
			Data: "/var/lib/postgresql/data", User: "postgres", Database: "postgres",
			HostAuth: "scram-sha-256", InitArgs: []string{}, Scripts: "/docker-entrypoint-initdb.d",
		}},
		{name: "all", env: map[string]string{
			"PGDATA": "/data", "POSTGRES_USER": "u", "POSTGRES_PASSWORD": "p", "POSTGRES_DB": "d",
			"POSTGRES_HOST_AUTH_METHOD": "md5", "POSTGRES_INITDB_ARGS": "--data-checksums  --wal-segsize=1",
		}, want: entrypoint.Settings{
			Data: "/data", User: "u", Password: "p", Database: "d", HostAuth: "md5",
			InitArgs: []string{"--data-checksums", "--wal-segsize=1"}, Scripts: "/docker-entrypoint-initdb.d",
		}},
		{name: "file", env: map[string]string{"POSTGRES_USER": "u", "POSTGRES_PASSWORD_FILE": file}, want: entrypoint.Settings{
			Data: "/var/lib/postgresql/data", User: "u", Password: "from a file", Database: "u",
			HostAuth: "scram-sha-256", InitArgs: []string{}, Scripts: "/docker-entrypoint-initdb.d",
		}},
		{name: "both", env: map[string]string{"POSTGRES_DB": "d", "POSTGRES_DB_FILE": file}, err: "both POSTGRES_DB and POSTGRES_DB_FILE"},
		{name: "no file", env: map[string]string{"POSTGRES_USER_FILE": file + "x"}, err: "POSTGRES_USER_FILE: open"},
	}
	for _, tt := range tests {
		got, err := entrypoint.Read(func(name string) string { return tt.env[name] })
		switch {
		case tt.err != "":
			if err == nil || !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%s: error is %v, want %s", tt.name, err, tt.err)
			}
		case err != nil:
			t.Errorf("%s: %v", tt.name, err)
		default:
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.name, diff)
			}
		}
	}
}

func TestCommand(t *testing.T) {
	for _, tt := range []struct{ args, want []string }{
		{nil, []string{"postgres"}},
		{[]string{"-c", "wal_level=logical"}, []string{"postgres", "-c", "wal_level=logical"}},
		{[]string{"postgres", "-V"}, []string{"postgres", "-V"}},
		{[]string{"psql", "lupa"}, []string{"psql", "lupa"}},
	} {
		if diff := cmp.Diff(tt.want, entrypoint.Command(tt.args)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.args, diff)
		}
	}
}

func TestInitialize(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	made := t.TempDir()
	if err := os.WriteFile(filepath.Join(made, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// No program is there to be started, and none is needed.
	t.Setenv("PATH", t.TempDir())
	if err := entrypoint.Initialize(t.Context(), entrypoint.Settings{Data: made}, log); err != nil {
		t.Errorf("a database that is there: %v", err)
	}
	err := entrypoint.Initialize(t.Context(), entrypoint.Settings{Data: t.TempDir(), User: "u"}, log)
	if err == nil || !strings.Contains(err.Error(), `no password for user "u"`) {
		t.Errorf("no password: %v", err)
	}
	fails := filepath.Join(t.TempDir(), "data")
	err = entrypoint.Initialize(t.Context(), entrypoint.Settings{Data: fails, User: "u", HostAuth: "trust"}, log)
	if err == nil || !strings.Contains(err.Error(), "make the database: initdb") {
		t.Errorf("no initdb: %v", err)
	}
	if left, err := os.ReadDir(fails); err != nil || len(left) != 0 {
		t.Errorf("a failure leaves %v, %v", left, err)
	}
}
