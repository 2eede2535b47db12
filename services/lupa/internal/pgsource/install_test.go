// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/libs/pgtest"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// as gives a connection string for another role.
func as(dsn, role string) string {
	if strings.Contains(dsn, "://") {
		return strings.Replace(dsn, "postgres@", role+"@", 1)
	}
	return dsn + " user=" + role
}

func TestInstall(t *testing.T) {
	server := pgtest.Start(t)
	server.Exec("CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE writer LOGIN")
	db := server.Database(t)
	db.Exec(itemTable + "; ALTER TABLE item OWNER TO owner; GRANT SELECT ON item TO reader; GRANT SELECT, INSERT, UPDATE, DELETE ON item TO writer; GRANT CREATE ON DATABASE " +
		`"` + db.Name + `" TO owner`)
	reader := open(t, options(as(db.DSN, "reader")))
	owner := open(t, options(as(db.DSN, "owner")))

	if err := reader.Install(t.Context(), pgsource.Installation{}); err == nil || !strings.Contains(err.Error(), "must own table item") {
		t.Errorf("installed by the reader: %v", err)
	}
	if err := owner.Install(t.Context(), pgsource.Installation{Reader: "reader"}); err != nil {
		t.Fatal(err)
	}
	m := load(t, reader)
	f := follow(t, reader, m)
	conn := connect(t, as(db.DSN, "writer"))
	write := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	write("INSERT INTO item VALUES (1, 'one')")
	f.until("1=one")
	f.end()

	// A writer can neither read nor spoil the changefeed; a reader cannot spoil it.
	for _, sql := range []string{"SELECT * FROM lupa.change", "SELECT lupa.prune(1)", "CREATE TABLE x (id int); CREATE TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION lupa.note_1()"} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("a writer may %s", sql)
		}
	}

	// An installation that is repeated goes on without a gap.
	write("INSERT INTO item VALUES (2, 'two')")
	if err := owner.Install(t.Context(), pgsource.Installation{Reader: "reader"}); err != nil {
		t.Fatal(err)
	}
	write("INSERT INTO item VALUES (3, 'three')")
	f = follow(t, reader, m)
	f.until("1=one", "2=two", "3=three")
	status, err := owner.FeedStatus(t.Context())
	if err != nil || !status.Installed || status.Wrong != "" || len(status.Replicas) != 1 || status.Replicas[0].Name != "test/items" {
		t.Errorf("status is %+v, %v", status, err)
	}

	// A trigger that was disabled for a while is noticed, though it is enabled again.
	db.Exec("ALTER TABLE item DISABLE TRIGGER lupa_1_insert; INSERT INTO item VALUES (4, 'unseen'); ALTER TABLE item ENABLE TRIGGER lupa_1_insert")
	f.broken("damaged", "lupa changefeed install")
	if err := owner.Install(t.Context(), pgsource.Installation{Reader: "reader"}); err != nil {
		t.Fatal(err)
	}
	follow(t, reader, m).stale("installed anew")
	m = load(t, reader)
	f = follow(t, reader, m)
	f.until("1=one", "2=two", "3=three", "4=unseen")

	if err := owner.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.stale("changes come by poll instead of changefeed")
	write("INSERT INTO item VALUES (5, 'five')")
	var left int
	if err := conn.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM pg_namespace WHERE nspname = 'lupa') + (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'lupa%')").Scan(&left); err != nil || left > 0 {
		t.Errorf("%d things are left after the changefeed was removed, %v", left, err)
	}
}

func TestCheck(t *testing.T) {
	server := pgtest.Start(t)
	server.Exec("CREATE ROLE reader LOGIN")
	db := server.Database(t)
	db.Exec(`CREATE TABLE item (id int, name text, price money, data bytea, at timestamptz); INSERT INTO item (id) SELECT generate_series(1, 50); ANALYZE item;
		CREATE SCHEMA hidden; CREATE TABLE hidden.item (id int PRIMARY KEY)`)
	tests := []struct {
		name string
		edit func(*pgsource.Options)
		want []string // "message; remedy" of each, or parts of it
		mode pgsource.Mode
	}{
		{"all is well", func(o *pgsource.Options) { o.Getenv = func(string) string { return db.DSN }; o.Key = []string{"id"} }, []string{"no unique index"}, pgsource.Poll},
		{"no rights", func(*pgsource.Options) {}, []string{`may not read item; GRANT SELECT ON item TO "reader";`, `CREATE UNIQUE INDEX CONCURRENTLY ON item ("id");`}, pgsource.Poll},
		{"no table", func(o *pgsource.Options) { o.Table = "nothing" }, []string{"there is no table nothing"}, ""},
		{"hidden table", func(o *pgsource.Options) { o.Table = "hidden.item" }, []string{"permission denied for schema hidden"}, ""},
		{"columns", func(o *pgsource.Options) {
			o.Columns = append(o.Columns, column("titel", catalog.Text), column("price", catalog.Number), column("data", catalog.Text), column("id", catalog.Time))
		}, []string{`no column "titel", which field titel is from; there are id, name, price`, `"price" is of type money, which does not fit a field of type number`, `"data" is of type bytea`}, ""},
		{"a query", func(o *pgsource.Options) {
			o.Table, o.Query = "", "SELECT 1 AS id, 'a' AS name"
		}, nil, pgsource.Poll},
		{"a wrong query", func(o *pgsource.Options) {
			o.Table, o.Query = "", "SELECT nonsense"
		}, []string{`column "nonsense" does not exist`}, ""},
		{"no changefeed", func(o *pgsource.Options) {
			o.Mode = pgsource.Changefeed
			o.Getenv = func(string) string { return db.DSN }
		}, []string{"no unique index", "table item has no changefeed; run 'lupa changefeed install"}, ""},
		{"logical", func(o *pgsource.Options) { o.Mode = pgsource.Logical }, []string{"may not read", "unique index", "replica identity of table item lacks the key", "wal_level is replica; ALTER SYSTEM", `may not replicate; ALTER ROLE "reader" REPLICATION;`, "no publication lupa_items"}, ""},
		{"no server", func(o *pgsource.Options) {
			o.Getenv = func(string) string { return "host=/nowhere user=u password=hush dbname=d" }
		}, []string{"database d on /nowhere as u: connect"}, ""},
		{"no variable", func(o *pgsource.Options) { o.Getenv = func(string) string { return "" } }, []string{"variable DSN, which should have the connection string, is not set"}, ""},
		{"a bad connection string", func(o *pgsource.Options) {
			o.Getenv = func(string) string { return "postgres://u:hu%sh@host:badport/d" }
		}, []string{"the connection string in variable DSN cannot be read"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := options(as(db.DSN, "reader"))
			test.edit(&o)
			report := open(t, o).Check(t.Context())
			var got []string
			for _, p := range report.Problems {
				got = append(got, p.String())
			}
			if len(got) != len(test.want) || report.Mode != test.mode {
				t.Fatalf("mode %q, problems %q; want %q, %q", report.Mode, got, test.mode, test.want)
			}
			for i, want := range test.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("problem %q lacks %q", got[i], want)
				}
				if strings.Contains(got[i], "hu") && strings.Contains(got[i], "sh@") || strings.Contains(got[i], "hush") {
					t.Errorf("problem %q tells the password", got[i])
				}
			}
		})
	}
	db.Exec("CREATE UNIQUE INDEX ON item (id)")
	report := open(t, options(db.DSN)).Check(t.Context())
	if diff := cmp.Diff(int64(50), report.Rows); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

// TestTrimming wants changes to be kept as long as someone has not read them.
func TestTrimming(t *testing.T) {
	server := pgtest.Start(t)
	db := server.Database(t)
	db.Exec(itemTable)
	o := options(db.DSN)
	o.Replica = "quick"
	s := open(t, o)
	if err := s.Install(t.Context(), pgsource.Installation{}); err != nil {
		t.Fatal(err)
	}
	o.Replica = "away"
	away := open(t, o)
	m, behind := load(t, s), load(t, away)
	db.Exec("INSERT INTO item VALUES (1, 'one')")
	f := follow(t, s, m)
	f.until("1=one")
	f.end()
	count := func(want int) {
		t.Helper()
		var n int
		if err := db.Connect().QueryRow(t.Context(), "SELECT count(*) FROM lupa.change").Scan(&n); err != nil || n != want {
			t.Errorf("%d changes are kept (%v), want %d", n, err, want)
		}
	}
	db.Exec("SELECT lupa.prune(1)")
	count(1)
	f = follow(t, away, behind)
	f.until("1=one")
	f.end()
	before := behind.position

	// Each tells its position when it begins to follow; both are behind the change.
	for _, each := range []struct {
		s *pgsource.Source
		m *mirror
	}{{s, m}, {away, behind}} {
		f := follow(t, each.s, each.m)
		f.beat(2)
		f.end()
	}
	db.Exec("SELECT lupa.prune(1)")
	count(0)

	// What nobody reads goes by age; who comes back later begins anew.
	db.Exec("INSERT INTO item VALUES (2, 'two'); UPDATE lupa.change SET at = at - interval '25 hours'; UPDATE lupa.replica SET seen = seen - interval '25 hours'")
	db.Exec("SELECT lupa.prune(1)")
	count(0)
	behind.position = before
	follow(t, away, behind).stale("trimmed")
}
