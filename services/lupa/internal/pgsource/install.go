// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	_ "embed" // the SQL of the changefeed
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// feedVersion is that of the changefeed's definitions. One of another version is
// installed anew.
const feedVersion = 1

//go:embed changefeed.sql.tmpl
var feedSQL string

// render puts values into the SQL: {{.Name}} is a value, and lines from {{if .Name}}
// to {{end}} are left out where it is "". This is what is needed of text/template,
// which calls methods by name, so that a program that uses it keeps all methods of
// everything: Lupa would be a quarter larger.
func render(sql string, values map[string]string) string {
	pairs := make([]string, 0, 2*len(values))
	for name, value := range values {
		pairs = append(pairs, "{{."+name+"}}", value)
	}
	replacer := strings.NewReplacer(pairs...)
	var out strings.Builder
	left := false
	for line := range strings.Lines(sql) {
		name, condition := strings.CutPrefix(strings.TrimSpace(line), "{{if .")
		switch {
		case condition:
			left = values[strings.TrimSuffix(name, "}}")] == ""
		case strings.TrimSpace(line) == "{{end}}":
			left = false
		case !left:
			out.WriteString(replacer.Replace(line))
		}
	}
	return out.String()
}

// An Installation says how a changefeed is made.
type Installation struct {
	// Reader is the role that may read the changefeed; "" for none but the one that
	// installs it.
	Reader string
}

var (
	schemaForm = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,40}$`)
	// Dollar quotes of the SQL; a name that has one would end them.
	dollarQuotes = regexp.MustCompile(`\$(create|body|install)?\$`)
)

// InstallSQL gives the SQL that installs the changefeed of the source's table, or
// with Logical its publication. It can be run with psql, too.
func (s *Source) InstallSQL(i Installation) (string, error) {
	if s.o.Mode == Logical {
		return s.publicationSQL(i)
	}
	if s.o.ChangesTable == "" {
		return "", errors.New("a query has no changefeed of itself; set changes.table to the table whose changes count")
	}
	if !schemaForm.MatchString(s.o.Schema) {
		return "", fmt.Errorf("schema %q: lower-case letters, digits and '_' are wanted", s.o.Schema)
	}
	for _, name := range s.o.ChangesKey {
		if dollarQuotes.MatchString(name) {
			return "", fmt.Errorf("column %q of the key cannot be watched", name)
		}
	}
	key := func(prefix string) string {
		columns := make([]string, 0, len(s.o.ChangesKey))
		for _, name := range s.o.ChangesKey {
			columns = append(columns, prefix+quote(name))
		}
		// The SQL goes through format().
		return strings.ReplaceAll(row.KeySQL(columns), "%", "%%")
	}
	literals := make([]string, 0, len(s.o.ChangesKey))
	for _, name := range s.o.ChangesKey {
		literals = append(literals, literal(name))
	}
	reader := ""
	if i.Reader != "" {
		reader = quote(i.Reader)
	}
	notify := ""
	if s.o.Notify {
		notify = "true"
	}
	return render(feedSQL, map[string]string{
		"Table": s.o.ChangesTable, "TableLiteral": literal(s.o.ChangesTable), "Schema": s.o.Schema, "ChannelLiteral": literal(s.o.Schema),
		"Version": strconv.Itoa(feedVersion), "KeyLiteral": "ARRAY[" + strings.Join(literals, ", ") + "]::text[]", "Notify": notify, "Noted": strconv.FormatBool(s.o.Notify),
		"KeepLiteral": fmt.Sprintf("interval '%d seconds'", int(s.o.Keep.Seconds())),
		"Key":         key(""), "OldKey": key("OLD."), "NewKey": key("NEW."), "Reader": reader,
	}), nil
}

// literal quotes a text for SQL.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// Install makes the changefeed, or makes it anew where it is of another version or
// was damaged. An unchanged one goes on without a gap.
func (s *Source) Install(ctx context.Context, i Installation) error {
	sql, err := s.InstallSQL(i)
	if err != nil {
		return err
	}
	err = s.run(ctx, "install what tells of changes", sql)
	if stateOf(err) == "42501" {
		return fmt.Errorf("%w; the role that installs must own table %s, and may create schema %s", err, s.o.ChangesTable, s.o.Schema)
	}
	return err
}

// run executes statements on a connection of its own.
func (s *Source) run(ctx context.Context, operation, sql string) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(conn)
	return s.scrub(operation, conn.PgConn().Exec(ctx, sql).Close())
}

// Remove takes the changefeed of the source's table away, and with the last one
// all that belongs to changefeeds. With Logical it is the publication that goes, and
// the replication slots of all replicas of the collection.
func (s *Source) Remove(ctx context.Context) error {
	if s.o.Mode == Logical {
		return s.removePublication(ctx)
	}
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(conn)
	w, err := s.findWatch(ctx, conn)
	if err != nil {
		return err
	}
	if w == nil {
		return fmt.Errorf("table %s has no changefeed", s.o.ChangesTable)
	}
	schema := quote(s.o.Schema)
	return s.scrub("remove the changefeed", pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// The triggers go with their functions.
		_, err := tx.Exec(ctx, fmt.Sprintf("SET LOCAL lock_timeout = '10s'; DROP FUNCTION IF EXISTS %[1]s.note_%[2]d() CASCADE;"+
			" DROP FUNCTION IF EXISTS %[1]s.note_row_%[2]d() CASCADE; DELETE FROM %[1]s.change WHERE watch = %[2]d;"+
			" DELETE FROM %[1]s.replica WHERE watch = %[2]d; DELETE FROM %[1]s.watch WHERE id = %[2]d", schema, w.id), pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return err
		}
		var left int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+schema+".watch").Scan(&left); err != nil || left > 0 {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf("DROP FUNCTION %[1]s.seen(int, text, xid8), %[1]s.prune(int), %[1]s.whole(int), %[1]s.by_row(oid);"+
			" DROP TABLE %[1]s.watch, %[1]s.change, %[1]s.replica; DROP SCHEMA %[1]s", schema), pgx.QueryExecModeSimpleProtocol)
		return err
	}))
}
