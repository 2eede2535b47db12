// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// oldest is the oldest server that has what is needed: 64-bit transaction numbers.
const oldest = 130000

// A Report is what Check found.
type Report struct {
	Problems []Problem // empty where all is well
	Mode     Mode      // in which changes will be followed; "" where they cannot be
	Why      string    // that mode
	Rows     int64     // the planner's estimate; 0 where there is none
}

// Check connects, and reports everything that keeps the source from being read or
// followed. It changes nothing.
func (s *Source) Check(ctx context.Context) Report {
	var report Report
	if err := s.check(ctx, &report); err != nil {
		report.Problems = append(report.Problems, Problem{Message: s.scrub("check", err).Error()})
	}
	return report
}

func (s *Source) check(ctx context.Context, report *Report) error {
	conn, err := s.connect(ctx)
	if err != nil {
		return err
	}
	defer disconnect(conn)
	var version int
	if err := conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return err
	}
	if version < oldest {
		report.Problems = []Problem{{fmt.Sprintf("the server is PostgreSQL %d", version/10000), "PostgreSQL 13 or newer is wanted"}}
		return nil
	}
	id, err := identify(ctx, conn)
	if err != nil {
		return err
	}
	r, problems, err := s.describe(ctx, conn)
	if err != nil || problems != nil {
		report.Problems = problems
		return err
	}
	for _, look := range []func(context.Context, *pgx.Conn, *relation) ([]Problem, error){s.checkRights, s.checkKey, s.checkFeedRights} {
		problems, err := look(ctx, conn, r)
		if err != nil {
			return err
		}
		report.Problems = append(report.Problems, problems...)
	}
	choice, err := s.choose(ctx, conn, id, r)
	if err != nil {
		return err
	}
	report.Mode, report.Why = choice.mode, choice.why
	report.Problems = append(report.Problems, choice.problems...)
	if len(report.Problems) > 0 {
		return nil
	}
	e := &snapshot{session: &session{Source: s, conn: conn, relation: r}}
	err = e.estimate(ctx)
	report.Rows = e.total.Load()
	return err
}

// checkRights tries to read.
func (s *Source) checkRights(ctx context.Context, conn *pgx.Conn, r *relation) ([]Problem, error) {
	_, err := conn.Exec(ctx, r.selectSQL("''")+" LIMIT 0")
	if err == nil && s.o.Table != "" {
		var all bool
		if err = conn.QueryRow(ctx, "SELECT has_table_privilege($1, 'SELECT')", s.o.Table).Scan(&all); err == nil && all {
			return nil, nil
		}
	}
	if err != nil && stateOf(err) != "42501" {
		return nil, err
	}
	if err == nil && s.o.Table == "" {
		return nil, nil
	}
	what := s.o.Table
	if what == "" {
		what = "the tables of the query"
	}
	message := "this role may not read " + what
	if err == nil {
		message = "this role may read some columns of " + what + ", but not lock it against being rewritten meanwhile"
	}
	return []Problem{{message, fmt.Sprintf("GRANT SELECT ON %s TO %s;", what, quote(conn.Config().User))}}, nil
}

// checkKey wants a unique index, without which documents may take each other's
// place, and each change costs a read of the whole table.
func (s *Source) checkKey(ctx context.Context, conn *pgx.Conn, _ *relation) ([]Problem, error) {
	if s.o.Table == "" {
		return nil, nil
	}
	var kind string
	var indexed bool
	err := conn.QueryRow(ctx, `SELECT c.relkind::text, EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
			AND (SELECT bool_and(a.attname = ANY ($2)) FROM unnest(i.indkey[0:i.indnkeyatts - 1]) k LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k AND k > 0))
		FROM pg_class c WHERE c.oid = to_regclass($1)`, s.o.Table, s.o.Key).Scan(&kind, &indexed)
	if err != nil || indexed || kind != "r" && kind != "p" && kind != "m" {
		return nil, err
	}
	columns := strings.Join(quoteAll(s.o.Key), ", ")
	return []Problem{{
		fmt.Sprintf("no unique index makes sure that each key (%s) of %s is there once", columns, s.o.Table),
		fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY ON %s (%s);", s.o.Table, columns),
	}}, nil
}

// checkFeedRights wants what reading a changefeed takes, where there is one.
func (s *Source) checkFeedRights(ctx context.Context, conn *pgx.Conn, _ *relation) ([]Problem, error) {
	if s.o.Mode == Poll || s.o.Mode == Logical {
		return nil, nil
	}
	var there, usable bool
	err := conn.QueryRow(ctx, `SELECT count(*) > 0, coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')), false)
		FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE n.nspname = $1 AND c.relname IN ('watch', 'change', 'replica') AND c.relkind = 'r'`,
		s.o.Schema).Scan(&there, &usable)
	if err != nil || !there {
		return nil, err
	}
	if usable {
		err = conn.QueryRow(ctx, `SELECT coalesce(bool_and(has_function_privilege(p.oid, 'EXECUTE')), false) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE n.nspname = $1 AND p.proname IN ('seen', 'prune', 'whole', 'by_row')`, s.o.Schema).Scan(&usable)
	}
	if err != nil || usable {
		return nil, err
	}
	user := conn.Config().User
	return []Problem{{
		"this role may not read the changefeed in schema " + s.o.Schema,
		fmt.Sprintf("run 'lupa changefeed install -reader=%s' as the table's owner; it grants what is missing", user),
	}}, nil
}

// User is the role that the connection string names; "" where that cannot be read.
func (s *Source) User() string {
	config, err := s.settings()
	if err != nil {
		return ""
	}
	return config.User
}
