// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package freshness measures how fast Lupa copies a table of PostgreSQL, and how
// soon what is committed there can be found.
package freshness

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/lupasearch/lupa/libs/pgserver"
	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/place"
	"github.com/lupasearch/lupa/tools/bench/report"
	"github.com/lupasearch/lupa/tools/bench/timing"
)

// Benchmark is the freshness benchmark.
var Benchmark = report.Benchmark{
	Name:    "freshness",
	Summary: "copying a table of 1.65 million rows from PostgreSQL, and following its changes",
	Help: `Starts a PostgreSQL server of its own with Debian's list of files as a table, and

  load       lets Lupa read all of it into an empty cache, in turns with what one
             would do by hand: COPY into a file, which sqlite3 imports into FTS5
             (.import; the program must be on the PATH). The ratio is that of the
             medians: above 1 Lupa is faster
  latency    commits -rate changes a second and asks, each millisecond, until each
             can be found
  sustained  commits -burst changes a second in transactions of 100 rows, and looks
             how long after the last commit all of them can be found
  idle       lets -replicas instances follow while nothing changes, and looks what
             that costs the server

The server does not sync to disk, so that what is measured is Lupa.

` + place.ContentsHelp,
	Setup: setup,
}

// options are the benchmark's flags.
type options struct {
	lupa, contents, mode, bin string
	rounds, rate, burst       int
	replicas                  int
	length                    time.Duration
}

func setup(fs *flag.FlagSet) report.Run {
	var o options
	place.LupaFlag(fs, &o.lupa)
	contents := place.ContentsFlag(fs)
	fs.StringVar(&o.bin, "postgres-bin", "", "`folder` of PostgreSQL's programs; bazel run brings them along")
	fs.StringVar(&o.mode, "mode", "changefeed", "how changes are noticed: changefeed or logical")
	fs.IntVar(&o.rounds, "rounds", 3, "how `often` the table is copied")
	fs.IntVar(&o.rate, "rate", 100, "changes a second for the latency")
	fs.IntVar(&o.burst, "burst", 5000, "changes a second to keep up with")
	fs.IntVar(&o.replicas, "replicas", 5, "`number` of instances that are idle")
	fs.DurationVar(&o.length, "length", 20*time.Second, "how `long` each of the others takes")
	return func(ctx context.Context) (*report.Report, error) {
		o.contents = *contents
		if o.rounds < 1 || o.rate < 1 || o.burst < 100 || o.replicas < 1 || o.length < time.Second {
			return nil, errors.New("-rounds, -rate and -replicas are 1 at least, -burst 100, -length 1s")
		}
		return measure(ctx, o)
	}
}

// A bench is the server with the table, and what is needed to measure.
type bench struct {
	o      options
	folder string
	server *pgserver.Server
	conn   *pgx.Conn
	rows   int
}

const database = "postgres"

func measure(ctx context.Context, o options) (r *report.Report, err error) {
	folder, err := os.MkdirTemp("", "lupa-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.Chmod(folder, 0o755); err != nil { // the server may be another user
		return nil, err
	}
	b := &bench{o: o, folder: folder}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.start(ctx); err != nil {
		return nil, err
	}
	r = &report.Report{}
	for _, part := range []func(context.Context, *report.Report) error{b.load, b.follow, b.idle} {
		if err := part(ctx, r); err != nil {
			return nil, err
		}
	}
	r.Facts = map[string]string{"rows": strconv.Itoa(b.rows), "mode": o.mode, "processors": strconv.Itoa(runtime.NumCPU())}
	return r, nil
}

func (b *bench) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var errs []error
	if b.conn != nil {
		errs = append(errs, b.conn.Close(ctx))
	}
	if b.server != nil {
		errs = append(errs, b.server.Stop(ctx, pgserver.Fast))
	}
	return errors.Join(errs...)
}

// start makes the server and its table.
func (b *bench) start(ctx context.Context) error {
	programs, err := place.Postgres(b.o.bin)
	if err != nil {
		return err
	}
	folder := filepath.Join(b.folder, "pg")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	settings := map[string]string{"wal_level": "logical", "max_wal_size": "4GB", "shared_buffers": "256MB"}
	if b.server, err = pgserver.Create(ctx, pgserver.Options{Programs: programs, Folder: folder, Settings: settings}); err != nil {
		return err
	}
	if err := b.server.Start(ctx); err != nil {
		return err
	}
	if b.conn, err = pgx.Connect(ctx, b.server.DSN(database)); err != nil {
		return err
	}
	if err := b.exec(ctx, "CREATE TABLE contents (id integer PRIMARY KEY, path text NOT NULL, package text NOT NULL)"); err != nil {
		return err
	}
	if err := b.fill(ctx); err != nil {
		return err
	}
	return b.exec(ctx, "VACUUM ANALYZE contents")
}

func (b *bench) exec(ctx context.Context, sql string, args ...any) error {
	_, err := b.conn.Exec(ctx, sql, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// fill puts Debian's list of files into the table.
func (b *bench) fill(ctx context.Context) (err error) {
	list, err := place.Contents(ctx, b.o.contents)
	if err != nil {
		return err
	}
	defer list.Close()
	c, err := corpus.Contents(list)
	if err != nil {
		return err
	}
	b.rows = len(c.Documents)
	_, err = b.conn.CopyFrom(ctx, pgx.Identifier{"contents"}, []string{"id", "path", "package"}, pgx.CopyFromSlice(b.rows, func(i int) ([]any, error) {
		d := c.Documents[i]
		return []any{i + 1, d.Values[0], d.Values[1]}, nil
	}))
	runtime.GC()
	return err
}

// load measures the first load beside what one would do by hand.
func (b *bench) load(ctx context.Context, r *report.Report) error {
	table := report.Table{Title: "first load", Columns: []report.Column{
		{Name: "by"}, {Name: "median", Unit: "s", Digits: 2}, {Name: "rows a second", Digits: 0}, {Name: "memory at most", Unit: "MB", Digits: 0},
	}}
	var lupa, hand []time.Duration
	var memory float64
	for range b.o.rounds {
		took, most, err := b.loadOnce(ctx)
		if err != nil {
			return err
		}
		lupa, memory = append(lupa, took), max(memory, most)
		if took, err = b.byHand(ctx); err != nil {
			return err
		}
		hand = append(hand, took)
	}
	add := func(name string, all []time.Duration, memory any) float64 {
		slices.Sort(all)
		median := all[len(all)/2].Seconds()
		table.Add(name, median, float64(b.rows)/median, memory)
		return median
	}
	ours := add("lupa", lupa, memory)
	theirs := add("COPY, sqlite3 .import into FTS5", hand, nil)
	r.Tables = append(r.Tables, table)
	r.Notes = append(r.Notes, fmt.Sprintf("first load: %.2f times as fast as by hand", theirs/ours))
	return nil
}

// loadOnce starts Lupa with an empty cache and ends it when all is there.
func (b *bench) loadOnce(ctx context.Context) (took time.Duration, memory float64, err error) {
	started := time.Now()
	l, err := b.lupa(ctx, "load")
	if err != nil {
		return 0, 0, err
	}
	took = time.Since(started)
	memory, err = l.memory()
	return took, memory, errors.Join(err, l.close())
}

// byHand copies the table into a file and has that imported.
func (b *bench) byHand(ctx context.Context) (time.Duration, error) {
	file, db := filepath.Join(b.folder, "contents.csv"), filepath.Join(b.folder, "contents.db")
	defer os.Remove(db)
	defer os.Remove(file)
	started := time.Now()
	f, err := os.Create(file)
	if err != nil {
		return 0, err
	}
	out := bufio.NewWriterSize(f, 1<<20)
	_, err = b.conn.PgConn().CopyTo(ctx, out, "COPY (SELECT path, package FROM contents) TO STDOUT (FORMAT csv)")
	if err := errors.Join(err, out.Flush(), f.Close()); err != nil {
		return 0, err
	}
	err = run(ctx, "sqlite3", db, "CREATE VIRTUAL TABLE contents USING fts5(path, package)", ".mode csv", ".import "+file+" contents")
	return time.Since(started), err
}

// row shows samples under a name.
func row(name string, s *timing.Samples) []any { return append([]any{name}, s.Row()...) }
