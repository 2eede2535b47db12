// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command compose runs deploy/compose.yaml as it is, with loaded images, and
// looks at what an operator would: that everything becomes healthy, that searches
// find rows, and soon their changes, and that they go on while the database is
// down. It prints what it saw, and fails at the first thing that is wrong.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// limit is how long all of it may take.
const limit = 4 * time.Minute

func main() {
	lupa := flag.String("lupa", "lupa:dev", "Lupa's loaded `image`")
	postgres := flag.String("postgres", "lupa-postgres:dev", "PostgreSQL's loaded `image`")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if err := run(ctx, *lupa, *postgres); err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
	fmt.Println("the compose file is all right")
}

func run(ctx context.Context, lupa, postgres string) (err error) {
	p, err := newProject(ctx, lupa, postgres)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			p.log()
		}
		err = errors.Join(err, p.remove())
	}()
	began := time.Now()
	if err := p.compose(ctx, "up", "--detach"); err != nil {
		return err
	}
	if err := p.until(ctx, "backend is healthy", p.healthy("backend")); err != nil {
		return err
	}
	fmt.Printf("up and healthy after %.1f s\n", time.Since(began).Seconds())
	for _, step := range []struct {
		what string
		do   func(context.Context, *project) error
	}{
		{"rows of the table are found", finds("books words", "Finding words in many books")},
		{"a change is found", changes},
		{"searches go on without the database", survives},
		{"a restart serves at once what is in the cache", restarts},
	} {
		began := time.Now()
		if err := step.do(ctx, p); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Printf("%s (%.2f s)\n", step.what, time.Since(began).Seconds())
	}
	return nil
}

// finds sees that the first hit has the title.
func finds(query, title string) func(context.Context, *project) error {
	return func(ctx context.Context, p *project) error {
		got, err := p.first(ctx, query)
		if err == nil && got != title {
			err = fmt.Errorf("the first hit for %s is %q, want %q", query, got, title)
		}
		return err
	}
}

// changes changes the table in each way and waits for searches to follow.
func changes(ctx context.Context, p *project) error {
	for _, change := range []struct{ sql, query, title string }{
		{"UPDATE article SET title = 'How a telescope works' WHERE id = 1", "telescope", "How a telescope works"},
		{"INSERT INTO article (title, body) VALUES ('Kites', 'Paper on a string.')", "kites", "Kites"},
		{"DELETE FROM article WHERE title = 'Kites'", "kites", ""},
	} {
		if err := p.sql(ctx, change.sql); err != nil {
			return err
		}
		if err := p.until(ctx, change.sql, func(ctx context.Context) error { return finds(change.query, change.title)(ctx, p) }); err != nil {
			return err
		}
	}
	return nil
}

// survives stops the database, searches, and sees that changes come again after.
func survives(ctx context.Context, p *project) error {
	if err := p.compose(ctx, "stop", "postgres"); err != nil {
		return err
	}
	if err := finds("telescope", "How a telescope works")(ctx, p); err != nil {
		return err
	}
	if err := p.compose(ctx, "start", "postgres"); err != nil {
		return err
	}
	if err := p.until(ctx, "postgres is healthy", p.healthy("postgres")); err != nil {
		return err
	}
	if err := p.sql(ctx, "UPDATE article SET title = 'How a microscope works' WHERE id = 1"); err != nil {
		return err
	}
	return p.until(ctx, "the change is found", func(ctx context.Context) error {
		return finds("microscope", "How a microscope works")(ctx, p)
	})
}

// restarts stops the database, and starts Lupa anew without it.
func restarts(ctx context.Context, p *project) error {
	if err := p.compose(ctx, "stop", "postgres"); err != nil {
		return err
	}
	if err := p.compose(ctx, "restart", "backend"); err != nil {
		return err
	}
	return p.until(ctx, "Lupa answers", func(ctx context.Context) error {
		return finds("microscope", "How a microscope works")(ctx, p)
	})
}
