// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

const changefeedUsage = `Usage: lupa changefeed install|status|remove|sql -config=FILE [flags]

A changefeed tells Lupa within milliseconds what changed in a table of PostgreSQL:
triggers note the keys of changed rows in a table that Lupa reads.

With mode: logical the server tells by itself, where a publication is made of the
table, and each instance has a replication slot.

  install   make it, or bring it up to date; one that is whole goes on without a gap
  status    what it holds, and who reads it
  remove    take it away
  sql       print what install would run, to be run with psql

Whoever installs must own the table. Where the role in the configuration does not,
-dsn-env names a variable with another connection string, and the role in the
configuration is given what it needs to read.

Flags:
`

// feedOptions are the flags of lupa changefeed.
type feedOptions struct{ verb, config, collection, dsnEnv, reader string }

// changefeed runs lupa changefeed and returns its exit code.
func changefeed(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	o, code := parseFeed(args, stdout, stderr)
	if code >= 0 {
		return code
	}
	c, err := load(options{config: o.config}, getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	collection, err := o.choose(c)
	if err != nil {
		fmt.Fprintln(stderr, "lupa:", err)
		return exitUsage
	}
	if err := o.run(ctx, *collection.Postgres, stdout, getenv); err != nil {
		fmt.Fprintf(stderr, "lupa: collection %s: %v\n", collection.Name, err)
		return exitFail
	}
	return exitOK
}

// parseFeed reads the flags; a code of 0 or more ends the program.
func parseFeed(args []string, stdout, stderr io.Writer) (o feedOptions, code int) {
	flags := flag.NewFlagSet("lupa changefeed", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.config, "config", "", "the configuration `file`")
	flags.StringVar(&o.collection, "collection", "", "`name` of the collection; may be left out where only one is from PostgreSQL")
	flags.StringVar(&o.dsnEnv, "dsn-env", "", "`variable` with the connection string of the table's owner, instead of the configuration's")
	flags.StringVar(&o.reader, "reader", "", "`role` that may read the changefeed; by default the configuration's, with -dsn-env")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), changefeedUsage)
		flags.PrintDefaults()
	}
	if slices.ContainsFunc(args, isHelp) {
		flags.SetOutput(stdout)
	}
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		o.verb, args = args[0], args[1:]
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return o, exitOK
	case err != nil:
		return o, exitUsage
	case !slices.Contains([]string{"install", "status", "remove", "sql"}, o.verb) || flags.NArg() > 0:
		fmt.Fprintln(stderr, "lupa: 'lupa changefeed' is followed by install, status, remove or sql, and then by flags; see lupa changefeed -help")
		return o, exitUsage
	case o.config == "":
		fmt.Fprintln(stderr, "lupa: -config=FILE is missing; see lupa changefeed -help")
		return o, exitUsage
	}
	return o, -1
}

// choose finds the collection that is meant.
func (o feedOptions) choose(c config.Config) (config.Collection, error) {
	var names []string
	var found config.Collection
	for _, collection := range c.Collections {
		if collection.Postgres == nil || o.collection != "" && o.collection != collection.Name {
			continue
		}
		found = collection
		names = append(names, collection.Name)
	}
	switch {
	case len(names) == 1:
		return found, nil
	case len(names) > 1:
		return found, fmt.Errorf("-collection is missing; from PostgreSQL are %s", strings.Join(names, ", "))
	case o.collection != "":
		return found, fmt.Errorf("there is no collection %q from PostgreSQL", o.collection)
	}
	return found, errors.New("no collection is from PostgreSQL")
}

func (o feedOptions) run(ctx context.Context, source pgsource.Options, stdout io.Writer, getenv func(string) string) error {
	source.Getenv = getenv
	reading, err := pgsource.New(source)
	if err != nil {
		return err
	}
	installation := pgsource.Installation{Reader: o.reader}
	if o.dsnEnv != "" {
		source.DSNEnv, source.DSNFile = o.dsnEnv, ""
		if installation.Reader == "" {
			installation.Reader = reading.User()
		}
	}
	s, err := pgsource.New(source)
	if err != nil {
		return err
	}
	what := "changefeed"
	if source.Mode == pgsource.Logical {
		what = "publication"
	}
	switch o.verb {
	case "sql":
		sql, err := s.InstallSQL(installation)
		if err == nil {
			_, err = io.WriteString(stdout, sql)
		}
		return err
	case "install":
		if err := s.Install(ctx, installation); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "The %s is installed.\n", what)
		return nil
	case "remove":
		if err := s.Remove(ctx); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "The %s is removed.\n", what)
		return nil
	}
	if source.Mode == pgsource.Logical {
		return printPublicationStatus(ctx, s, stdout)
	}
	return printFeedStatus(ctx, s, stdout)
}

// printPublicationStatus writes a publication's state, and that of the slots of its
// readers, for people.
func printPublicationStatus(ctx context.Context, s *pgsource.Source, stdout io.Writer) error {
	status, err := s.PublicationStatus(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "publication %s, limit of a slot %d bytes\n", status.Name, status.Limit)
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	if len(status.Slots) > 0 {
		fmt.Fprintln(table, "SLOT\tIS READ\tSTATE\tBYTES RETAINED\tBYTES UNTIL GIVEN UP")
	}
	var wrong []string
	for _, slot := range status.Slots {
		safe := "no limit"
		if slot.Safe >= 0 {
			safe = fmt.Sprint(slot.Safe)
		}
		fmt.Fprintf(table, "%s\t%t\t%s\t%d\t%s\n", slot.Name, slot.Active, slot.State, slot.Retained, safe)
		if slot.Retained > status.Limit {
			wrong = append(wrong, "slot "+slot.Name+" retains more than the limit")
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, p := range status.Problems {
		wrong = append(wrong, p.String())
	}
	if wrong != nil {
		return errors.New(strings.Join(wrong, "; "))
	}
	return nil
}

// printFeedStatus writes a changefeed's state for people.
func printFeedStatus(ctx context.Context, s *pgsource.Source, stdout io.Writer) error {
	status, err := s.FeedStatus(ctx)
	switch {
	case err != nil:
		return err
	case !status.Installed:
		return errors.New("no changefeed is installed")
	}
	fmt.Fprintf(stdout, "version %d, notify %t, keeps changes for %s\n", status.Version, status.Notify, status.Keep)
	fmt.Fprintf(stdout, "%d changes, %d bytes on disk", status.Changes, status.Bytes)
	if !status.Oldest.IsZero() {
		fmt.Fprintf(stdout, ", the oldest of %s", status.Oldest.UTC().Format(time.DateTime))
	}
	fmt.Fprintln(stdout)
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	if len(status.Replicas) > 0 {
		fmt.Fprintln(table, "REPLICA\tSEEN (UTC)\tCHANGES IT MAY NOT HAVE READ")
	}
	for _, r := range status.Replicas {
		fmt.Fprintf(table, "%s\t%s\t%d\n", r.Name, r.Seen.UTC().Format(time.DateTime), r.Behind)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if status.Wrong != "" {
		return errors.New(status.Wrong + "; run 'lupa changefeed install'")
	}
	return nil
}
