// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/daemon"
)

// TestChangefeedCommand goes through what an operator does: check, install, look,
// remove.
func TestChangefeedCommand(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec("CREATE TABLE item (id int PRIMARY KEY, name text); CREATE ROLE reader LOGIN; GRANT SELECT ON item TO reader")
	file := filepath.Join(t.TempDir(), "lupa.yaml")
	if err := os.WriteFile(file, []byte(`collections:
  - name: items
    source: {postgres: {dsn_env: DSN, table: item}}
    fields: [{name: name}]
  - name: others
    source: {postgres: {dsn_env: DSN, query: "SELECT 1 AS id, 'a' AS name"}}
    fields: [{name: name}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"DSN": strings.Replace(db.DSN, "postgres@", "reader@", 1), "OWNER": db.DSN}
	steps := []struct {
		args string
		code int
		want string // of what is written
	}{
		{"-check", 0, "collection items: about"},
		{"-check", 0, "changes will come by poll: no changefeed is installed; to have changes within milliseconds, run 'lupa changefeed install"},
		{"changefeed status -collection=items", 1, "no changefeed is installed"},
		{"changefeed install", 2, "-collection is missing; from PostgreSQL are items, others"},
		{"changefeed install -collection=nothing", 2, `there is no collection "nothing" from PostgreSQL`},
		{"changefeed install -collection=others -dsn-env=OWNER", 1, "set changes.table"},
		{"changefeed install -collection=items", 1, "the role that installs must own table item"},
		{"changefeed sql -collection=items -reader=someone", 0, `GRANT USAGE ON SCHEMA lupa TO "someone";`},
		{"changefeed install -collection=items -dsn-env=OWNER", 0, "The changefeed is installed."},
		{"-check", 0, "changes will come by changefeed: it is installed"},
		{"changefeed status -collection=items", 0, "0 changes"},
		{"changefeed remove -collection=items -dsn-env=OWNER", 0, "The changefeed is removed."},
		{"changefeed remove -collection=items -dsn-env=OWNER", 1, "has no changefeed"},
		{"changefeed", 2, "install, status, remove or sql"},
		{"changefeed instal", 2, "install, status, remove or sql"},
		{"changefeed -help", 0, "-dsn-env"},
	}
	for _, step := range steps {
		args := append(strings.Fields(step.args), "-config="+file)
		if args[0] == "-check" {
			args = []string{"-config=" + file, "-check"}
		}
		var out strings.Builder
		code := daemon.Main(t.Context(), args, &out, &out, func(name string) string { return variables[name] })
		if code != step.code || !strings.Contains(out.String(), step.want) {
			t.Errorf("lupa %s: code %d and\n%s\nwant %d and %q", step.args, code, out.String(), step.code, step.want)
		}
	}
	db.Exec("REVOKE SELECT ON item FROM reader")
	var out strings.Builder
	if code := daemon.Main(t.Context(), []string{"-config=" + file, "-check"}, &out, &out, func(name string) string { return variables[name] }); code != 1 ||
		!strings.Contains(out.String(), `GRANT SELECT ON item TO "reader";`) {
		t.Errorf("without rights: code %d and\n%s", code, out.String())
	}
}

// TestPublicationCommand does the same for mode logical.
func TestPublicationCommand(t *testing.T) {
	db := pgtest.Start(t, pgtest.WAL("logical")).Database(t)
	db.Exec("CREATE TABLE item (id int PRIMARY KEY, name text); CREATE ROLE reader LOGIN; GRANT SELECT ON item TO reader")
	file := filepath.Join(t.TempDir(), "lupa.yaml")
	if err := os.WriteFile(file, []byte(`collections:
  - name: items
    source: {postgres: {dsn_env: DSN, table: item, changes: {mode: logical}}}
    fields: [{name: name}]
`), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{"DSN": strings.Replace(db.DSN, "postgres@", "reader@", 1), "OWNER": db.DSN}
	for _, step := range []struct {
		args, sql string // what is run, and before it
		code      int
		want      string // of what is written
	}{
		{"-check", "", 1, `ALTER ROLE "reader" REPLICATION;`},
		{"changefeed status", "", 1, "there is no publication lupa_items; run 'lupa changefeed install"},
		{"changefeed sql -reader=reader", "", 0, "CREATE PUBLICATION %I FOR TABLE %s"},
		{"changefeed install -dsn-env=OWNER", "", 0, "The publication is installed."},
		{"changefeed status", "ALTER ROLE reader REPLICATION", 0, "publication lupa_items, limit of a slot 8589934592 bytes"},
		{"-check", "", 0, "changes will come by logical: it is configured"},
		{"changefeed status", "SELECT pg_create_logical_replication_slot('lupa_items__one', 'pgoutput')", 0, "lupa_items__one  false    reserved"},
		{"changefeed remove", "", 1, "a right is missing"},
		{"changefeed remove -dsn-env=OWNER", "SELECT pg_create_logical_replication_slot('lupa_items__two', 'pgoutput')", 0, "The publication is removed."},
		{"changefeed status", "", 1, "there is no publication lupa_items"},
	} {
		if step.sql != "" {
			db.Exec(step.sql)
		}
		var out strings.Builder
		args := append(strings.Fields(step.args), "-config="+file)
		code := daemon.Main(t.Context(), args, &out, &out, func(name string) string { return variables[name] })
		if code != step.code || !strings.Contains(out.String(), step.want) {
			t.Errorf("lupa %s: code %d and\n%s\nwant %d and %q", step.args, code, out.String(), step.code, step.want)
		}
	}
}
