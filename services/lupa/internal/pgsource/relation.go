// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// A relation is what is read, as the database describes it at one moment.
type relation struct {
	from     string   // item of a FROM clause
	keys     []string // SQL expressions of the key's columns
	keyTypes []string
	columns  []string // SQL expressions, one per field
	types    []string // as format_type names them
	// locks names tables to lock before a view is taken: a statement that rewrites a
	// table makes it look empty to older views.
	locks []string
	// changes is the table whose changes count, 0 where there is none.
	changes uint32
	// attributes is what the server can be asked for at any time to see whether the
	// columns of changes are what they were, and tree the same for its partitions (see
	// attributesSQL and treeSQL).
	attributes, tree string
	decoder          *row.Decoder
	// plain tells that rows have a system column xmin.
	plain bool
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func quoteAll(names []string) []string {
	quoted := make([]string, 0, len(names))
	for _, name := range names {
		quoted = append(quoted, quote(name))
	}
	return quoted
}

// A Problem is one thing that is wrong with a source, and what to do about it.
type Problem struct {
	Message string
	Remedy  string // SQL or words; "" where the message says it
}

func (p Problem) String() string {
	if p.Remedy == "" {
		return p.Message
	}
	return p.Message + "; " + p.Remedy
}

// misfit is an error made of problems: nothing can be read until someone acts.
func misfit(problems []Problem) error {
	texts := make([]string, 0, len(problems))
	for _, p := range problems {
		texts = append(texts, p.String())
	}
	return errors.New(strings.Join(texts, "; "))
}

// describe asks the server what the source is, in a transaction of its own. What
// does not fit is told as problems, all at once; then there is no relation.
func (s *Source) describe(ctx context.Context, conn *pgx.Conn) (*relation, []Problem, error) {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return nil, nil, s.scrub("describe the source", err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // nothing was changed
	r := &relation{keys: quoteAll(s.o.Key), from: "(" + s.o.Query + "\n) AS source"}
	if s.o.Table != "" {
		problems, err := s.locate(ctx, tx, r)
		if err != nil || problems != nil {
			return nil, problems, err
		}
	}
	found, err := columnsOf(ctx, conn, "SELECT * FROM "+r.from)
	if err != nil {
		if state := stateOf(err); strings.HasPrefix(state, "42") || strings.HasPrefix(state, "22") {
			return nil, []Problem{{Message: s.scrub("describe the source", err).Error()}}, nil
		}
		return nil, nil, s.scrub("describe the source", err)
	}
	if problems := s.match(r, found); problems != nil {
		return nil, problems, nil
	}
	if err := s.surround(ctx, tx, r); err != nil {
		return nil, nil, s.scrub("describe the source", err)
	}
	r.decoder = row.NewDecoder(s.o.Columns, r.types, s.o.MaxRow)
	return r, nil, nil
}

// locate finds the table.
func (s *Source) locate(ctx context.Context, tx pgx.Tx, r *relation) ([]Problem, error) {
	var schema, name, kind string
	err := tx.QueryRow(ctx, `SELECT n.nspname, c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.oid = to_regclass($1)`, s.o.Table).Scan(&schema, &name, &kind)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return []Problem{{
			fmt.Sprintf("there is no table %s, or it lies in a schema that this role may not use", s.o.Table),
			"create it, name it with its schema, or GRANT USAGE ON SCHEMA",
		}}, nil
	case strings.HasPrefix(stateOf(err), "42"):
		return []Problem{{Message: s.scrub("find table "+s.o.Table, err).Error()}}, nil
	case err != nil:
		return nil, s.scrub("find the table", err)
	}
	r.from = pgx.Identifier{schema, name}.Sanitize()
	r.plain = kind == "r" || kind == "p"
	return nil, nil
}

// A found column is one that the source has.
type foundColumn struct{ name, typ string }

// columnsOf describes what a statement gives, without running it.
func columnsOf(ctx context.Context, conn *pgx.Conn, statement string) ([]foundColumn, error) {
	described, err := conn.PgConn().Prepare(ctx, "", statement, nil)
	if err != nil {
		return nil, err
	}
	oids := make([]uint32, 0, len(described.Fields))
	for _, f := range described.Fields {
		oids = append(oids, f.DataTypeOID)
	}
	rows, err := conn.Query(ctx, "SELECT format_type(o, -1) FROM unnest($1::oid[]) WITH ORDINALITY AS t (o, n) ORDER BY n", oids)
	if err != nil {
		return nil, err
	}
	types, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	found := make([]foundColumn, 0, len(types))
	for i, typ := range types {
		found = append(found, foundColumn{described.Fields[i].Name, typ})
	}
	return found, nil
}

// match finds the wanted columns among those that are there.
func (s *Source) match(r *relation, found []foundColumn) (problems []Problem) {
	names := make([]string, 0, len(found))
	for _, f := range found {
		names = append(names, f.name)
	}
	find := func(name, what string) string {
		switch at := slices.Index(names, name); {
		case at < 0:
			problems = append(problems, Problem{
				fmt.Sprintf("there is no column %q, %s; there are %s", name, what, strings.Join(names, ", ")), "correct the configuration, or add the column",
			})
		case slices.Contains(names[at+1:], name):
			problems = append(problems, Problem{fmt.Sprintf("the query gives column %q twice", name), "give one another name with AS"})
		default:
			return found[at].typ
		}
		return ""
	}
	for _, key := range s.o.Key {
		r.keyTypes = append(r.keyTypes, find(key, "which is of the key"))
	}
	for _, c := range s.o.Columns {
		typ := find(c.From, "which field "+c.Field.Name+" is from")
		if typ != "" {
			if why := row.Unfit(c.Field, typ); why != "" {
				problems = append(problems, Problem{Message: fmt.Sprintf("column %q %s", c.From, why)})
			}
		}
		r.columns = append(r.columns, quote(c.From))
		r.types = append(r.types, typ)
	}
	if s.o.Cursor != "" {
		find(s.o.Cursor, "which is the cursor")
	}
	return problems
}

// surround learns what else matters: tables to lock, and the definition of those
// whose changes count.
func (s *Source) surround(ctx context.Context, tx pgx.Tx, r *relation) error {
	// Parsing the statement has locked all it reads, whether named or through views.
	rows, err := tx.Query(ctx, `SELECT DISTINCT c.oid::regclass::text FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
		WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'v')
		AND c.relnamespace <> ALL (ARRAY['pg_catalog', 'pg_toast', 'information_schema']::regnamespace[])
		AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1`)
	if err != nil {
		return err
	}
	if r.locks, err = pgx.CollectRows(rows, pgx.RowTo[string]); err != nil {
		return err
	}
	if s.o.ChangesTable != "" {
		var oid *uint32
		err := tx.QueryRow(ctx, "SELECT to_regclass($1)::oid", s.o.ChangesTable).Scan(&oid)
		if err != nil {
			return err
		}
		if oid != nil {
			r.changes = *oid
			err := tx.QueryRow(ctx, "SELECT "+attributesSQL("$1", "$2")+", "+treeSQL("$1"), r.changes, s.watched()).Scan(&r.attributes, &r.tree)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// shape changes when what is read does, or how, and with tree when the table's
// partitions do.
func (s *Source) shape(r *relation, tree bool) string {
	parts := slices.Concat([]string{s.o.Query, r.from, r.attributes}, r.keys, r.keyTypes, r.columns, r.types)
	if tree {
		parts = append(parts, r.tree)
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// watched lists the columns of the changes' table that are read.
func (s *Source) watched() []string {
	names := slices.Clone(s.o.ChangesKey)
	if s.o.Table != "" {
		for _, c := range s.o.Columns {
			names = append(names, c.From)
		}
	}
	return names
}

// attributesSQL gives an SQL expression of the columns' numbers, types and names.
func attributesSQL(table, columns string) string {
	return fmt.Sprintf(`(SELECT coalesce(string_agg(attnum || ':' || atttypid || ':' || attname, ',' ORDER BY attnum), '') FROM pg_attribute
		WHERE attrelid = %s::oid AND attnum > 0 AND NOT attisdropped AND attname = ANY (%s::text[]))`, table, columns)
}

// treeSQL gives an SQL expression of a table's partitions and their files, as
// attaching, detaching and truncating one changes rows without a trigger.
func treeSQL(table string) string {
	return fmt.Sprintf(`(SELECT coalesce(string_agg(t.relid::oid || '=' || c.relfilenode, ',' ORDER BY t.relid::oid), '')
		FROM pg_partition_tree(%s::oid::regclass) t JOIN pg_class c ON c.oid = t.relid WHERE t.level > 0)`, table)
}

// id is the SQL expression of a document's id.
func (r *relation) id() string { return row.KeySQL(r.keys) }

// selectSQL reads all rows: id, version, columns, and what else is asked for.
func (r *relation) selectSQL(version string, more ...string) string {
	return "SELECT " + strings.Join(slices.Concat([]string{r.id(), version}, r.columns, more), ", ") + " FROM " + r.from
}

// fetchSQL reads rows by their keys; each of the key's columns is a parameter, an
// array of texts.
func (r *relation) fetchSQL(version string) string {
	arrays := make([]string, 0, len(r.keys))
	for i, typ := range r.keyTypes {
		arrays = append(arrays, fmt.Sprintf("$%d::text[]::%s[]", i+1, typ))
	}
	if len(arrays) == 1 {
		return r.selectSQL(version) + " WHERE " + r.keys[0] + " = ANY (" + arrays[0] + ")"
	}
	return r.selectSQL(version) + " WHERE (" + strings.Join(r.keys, ", ") + ") IN (SELECT * FROM unnest(" + strings.Join(arrays, ", ") + "))"
}

// lockSQL locks what is read against being rewritten; a statement that does nothing
// where there is nothing to lock.
func (r *relation) lockSQL() string {
	if len(r.locks) == 0 {
		return "SELECT 1"
	}
	return "LOCK TABLE " + strings.Join(r.locks, ", ") + " IN ACCESS SHARE MODE"
}
