// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	_ "embed" // the SQL of the publication
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

//go:embed publication.sql.tmpl
var publicationSQL string

// publication is the name of the source's publication.
func (s *Source) publication() string {
	if s.o.Publication != "" {
		return s.o.Publication
	}
	return slotPrefix + part(s.o.Collection)
}

// publicationSQL gives the SQL that makes the publication.
func (s *Source) publicationSQL(i Installation) (string, error) {
	if s.o.ChangesTable == "" {
		return "", errors.New("a query has a publication where changes.table names the table to watch")
	}
	if strings.Contains(s.o.ChangesTable+s.publication()+strings.Join(s.o.ChangesKey, ""), "$install$") {
		return "", errors.New("a name with $install$ in it cannot be published")
	}
	keys := make([]string, 0, len(s.o.ChangesKey))
	for _, name := range s.o.ChangesKey {
		keys = append(keys, literal(name))
	}
	values := map[string]string{
		"Table": s.o.ChangesTable, "TableLiteral": literal(s.o.ChangesTable), "NameLiteral": literal(s.publication()),
		"KeyLiteral": "ARRAY[" + strings.Join(keys, ", ") + "]::text[]", "Reader": i.Reader, "ReaderLiteral": literal(i.Reader),
		"Own": "yes", "Given": s.o.Publication, // one of the two
	}
	if s.o.Publication != "" {
		values["Own"] = ""
	}
	return render(publicationSQL, values), nil
}

// identitySQL gives an SQL expression that lists the columns of a table's replica
// identity: those that come with each change.
func identitySQL(table string) string {
	return fmt.Sprintf(`(SELECT coalesce(array_agg(a.attname::text), '{}') FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		WHERE c.oid = %s AND (c.relreplident = 'f' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND a.attnum = ANY (i.indkey)
			AND CASE c.relreplident WHEN 'd' THEN i.indisprimary WHEN 'i' THEN i.indisreplident ELSE false END)))`, table)
}

// publishedSQL gives an SQL expression that is another one after each change of a
// publication, and NULL where it lacks the table, or some of its changes or rows.
// Its parameters are expressions of the publication's name and the table.
func publishedSQL(name, table string) string {
	return fmt.Sprintf(`(SELECT p.oid || ':' || p.xmin || coalesce(':' || r.oid || ':' || r.xmin, '')
		FROM pg_publication p LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = %[2]s
		JOIN pg_class c ON c.oid = %[2]s
		WHERE p.pubname = %[1]s AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate AND (p.pubviaroot OR c.relkind <> 'p')
			AND CASE WHEN r.oid IS NULL THEN p.puballtables ELSE to_jsonb(r) ->> 'prqual' IS NULL END)`, name, table)
}

// A publishing is what logical replication of a table needs.
type publishing struct {
	level, kind, persistence, standbys  string
	replication, children, exists, room bool
	identity                            []string
	whole                               *string // see publishedSQL
}

// findPublishing asks for it.
func (s *Source) findPublishing(ctx context.Context, conn *pgx.Conn, table uint32) (p publishing, err error) {
	err = conn.QueryRow(ctx, `SELECT current_setting('wal_level'), current_setting('synchronous_standby_names'), c.relkind::text, c.relpersistence::text,
		coalesce((SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user), false),
		EXISTS (SELECT FROM pg_inherits i JOIN pg_class child ON child.oid = i.inhrelid WHERE i.inhparent = c.oid AND NOT child.relispartition),
		EXISTS (SELECT FROM pg_publication WHERE pubname = $2),
		EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $3) OR (SELECT count(*) FROM pg_replication_slots) < current_setting('max_replication_slots')::int,
		`+identitySQL("$1::oid")+", "+publishedSQL("$2", "$1::oid")+" FROM pg_class c WHERE c.oid = $1::oid", table, s.publication(), s.slotName()).Scan(
		&p.level, &p.standbys, &p.kind, &p.persistence, &p.replication, &p.children, &p.exists, &p.room, &p.identity, &p.whole)
	return p, err
}

// problems tells what is missing.
func (s *Source) publishingProblems(p publishing, conn *pgx.Conn) (problems []Problem) {
	add := func(message, remedy string) { problems = append(problems, Problem{message, remedy}) }
	table := s.o.ChangesTable
	install := fmt.Sprintf("run 'lupa changefeed install -config=… -collection=%s' as the table's owner, with mode: logical", s.o.Collection)
	switch {
	case p.kind != "r" && p.kind != "p":
		add(table+" is no table, and changes of tables alone are logged", "set changes.table to the table whose changes count, or let changes be poll")
	case p.persistence != "p":
		add("table "+table+" is not logged, so its changes cannot be replicated", "ALTER TABLE "+table+" SET LOGGED;")
	case p.children:
		add("table "+table+" has children by inheritance, whose changes would not come", "let changes be poll")
	case slices.ContainsFunc(s.o.ChangesKey, func(name string) bool { return !slices.Contains(p.identity, name) }):
		add(fmt.Sprintf("the replica identity of table %s lacks the key (%s): updates and deletes would not say which row they are of", table, strings.Join(s.o.ChangesKey, ", ")),
			fmt.Sprintf("ALTER TABLE %[1]s ADD PRIMARY KEY (…); or ALTER TABLE %[1]s REPLICA IDENTITY USING INDEX …; or FULL;", table))
	}
	if p.level != "logical" {
		add("the server's wal_level is "+p.level, "ALTER SYSTEM SET wal_level = 'logical'; and restart it")
	}
	if !p.replication {
		add("this role may not replicate", fmt.Sprintf("ALTER ROLE %s REPLICATION;", quote(conn.Config().User)))
	}
	switch {
	case !p.exists:
		add(fmt.Sprintf("there is no publication %s", s.publication()), install)
	case p.whole == nil:
		add(fmt.Sprintf("publication %s lacks table %s, or some of its changes or rows", s.publication(), table), "drop it, and "+install)
	}
	if !p.room {
		add("all replication slots of the server are in use", "drop those that nobody needs (pg_replication_slots), or raise max_replication_slots and restart it")
	}
	if waitsFor(p.standbys, conn.Config().RuntimeParams["application_name"]) {
		add("synchronous_standby_names would let transactions wait for this program, which waits for them", "name the standbys in it, rather than '*'")
	}
	return problems
}

var standbyNames = regexp.MustCompile(`"(?:[^"]|"")*"|[^\s,()"]+`)

// waitsFor tells whether commits wait for whoever has an application's name.
func waitsFor(standbys, application string) bool {
	for _, name := range standbyNames.FindAllString(standbys, -1) {
		if name == "*" || strings.EqualFold(strings.ReplaceAll(strings.Trim(name, `"`), `""`, `"`), application) {
			return true
		}
	}
	return false
}
