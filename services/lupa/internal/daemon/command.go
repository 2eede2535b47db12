// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
)

// Exit codes of the program.
const (
	exitOK    = 0
	exitFail  = 1
	exitUsage = 2
)

const usage = `Usage: lupa -config=FILE [-index=true|false]
       lupa search [flags] WORDS...
       lupa changefeed install|status|remove|sql -config=FILE [flags]

Serves full-text search over a local copy of your data. The configuration names
collections and where their documents come from; 'lupa -check' tells what is
wrong with one.

  lupa -config=/app/lupa.yaml -index=true    index what changed, and serve
  lupa -config=/app/lupa.yaml -index=false   serve what the cache has
  lupa -config=/app/lupa.yaml -check         check the configuration and the databases it names
  lupa -schema                               print a JSON Schema of the configuration
  lupa -config=/app/lupa.yaml -healthcheck   ask the running service whether it is ready

Flags:
`

// options are the program's flags.
type options struct {
	config, listen, cache                         string
	index, check, healthcheck, versionAsk, schema bool
}

// Main runs the program and returns its exit code: 0 when all is well, 1 when
// something failed, 2 when the flags or the configuration are wrong. getenv gives
// environment variables.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	if len(args) > 0 && args[0] == "search" {
		return search(ctx, args[1:], stdout, stderr, getenv)
	}
	if len(args) > 0 && args[0] == "changefeed" {
		return changefeed(ctx, args[1:], stdout, stderr, getenv)
	}
	o, code := parse(args, stdout, stderr)
	if code >= 0 {
		return code
	}
	if o.schema {
		return printSchema(stdout, stderr)
	}
	if o.versionAsk {
		return version(stdout, stderr)
	}
	c, err := load(o, getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	if o.check {
		return check(ctx, o.config, c, stdout, getenv)
	}
	if o.healthcheck {
		return healthcheck(ctx, c.Listen, stderr)
	}
	log := logger(c, stderr)
	if err := Run(ctx, c, o.index, getenv, log); err != nil {
		log.Error("lupa cannot go on", "error", err)
		return exitFail
	}
	return exitOK
}

// parse reads the flags; a code of 0 or more ends the program.
func parse(args []string, stdout, stderr io.Writer) (o options, code int) {
	flags := flag.NewFlagSet("lupa", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.config, "config", "", "the configuration `file`")
	flags.BoolVar(&o.index, "index", true, "bring the index up to date, now and from time to time")
	flags.StringVar(&o.listen, "listen", "", "`address` to serve on instead of the configuration's")
	flags.StringVar(&o.cache, "cache", "", "cache `folder` instead of the configuration's")
	flags.BoolVar(&o.check, "check", false, "check the configuration and the databases it names, and exit")
	flags.BoolVar(&o.healthcheck, "healthcheck", false, "ask the running service whether it is ready, and exit 0 or 1")
	flags.BoolVar(&o.schema, "schema", false, "print a JSON Schema of the configuration and exit")
	flags.BoolVar(&o.versionAsk, "version", false, "print versions and exit")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if slices.ContainsFunc(args, isHelp) {
		flags.SetOutput(stdout)
	}
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return o, exitOK
	case err != nil:
		return o, exitUsage
	case flags.NArg() > 0:
		fmt.Fprintf(stderr, "lupa: unexpected argument %q; there are 'lupa search', 'lupa changefeed' and else flags only, see lupa -help\n", flags.Arg(0))
		return o, exitUsage
	case o.config == "" && !o.versionAsk && !o.schema:
		fmt.Fprintln(stderr, "lupa: -config=FILE is missing; see lupa -help")
		return o, exitUsage
	}
	return o, -1
}

func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// printSchema writes what editors complete a configuration by.
func printSchema(stdout, stderr io.Writer) int {
	data, err := config.JSONSchema()
	if err != nil {
		fmt.Fprintln(stderr, "lupa:", err)
		return exitFail
	}
	fmt.Fprintln(stdout, string(data))
	return exitOK
}

func load(o options, getenv func(string) string) (config.Config, error) {
	data, err := os.ReadFile(o.config)
	if err != nil {
		return config.Config{}, fmt.Errorf("lupa: configuration: %w", err)
	}
	c, err := config.Parse(o.config, data, getenv)
	if err != nil {
		return config.Config{}, err
	}
	if o.listen != "" {
		c.Listen = o.listen
	}
	if o.cache != "" {
		c.Cache = o.cache
	}
	return c, nil
}

// version prints what the program is made of, and fails where the SQLite in it
// cannot search.
func version(stdout, stderr io.Writer) int {
	sqlite, err := sqlitestore.Version()
	if err != nil {
		fmt.Fprintln(stderr, "lupa:", err)
		return exitFail
	}
	fmt.Fprintf(stdout, "lupa %s\n%s %s/%s\nSQLite %s with FTS5\n", revision(), runtime.Version(), runtime.GOOS, runtime.GOARCH, sqlite)
	return exitOK
}

// revision is the program's version.
func revision() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "(development build)"
}

const healthcheckTime = 3 * time.Second

// healthcheck asks the service on this machine; images have no shell to do it.
func healthcheck(ctx context.Context, address string, stderr io.Writer) int {
	ctx, cancel := context.WithTimeout(ctx, healthcheckTime)
	defer cancel()
	if err := askReady(ctx, address); err != nil {
		fmt.Fprintln(stderr, "lupa: not ready:", err)
		return exitFail
	}
	return exitOK
}

func askReady(ctx context.Context, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(answer.Body, 1024)) //nolint:errcheck // the status says enough
		return fmt.Errorf("%s: %s", answer.Status, body)
	}
	return nil
}

// logger writes text for people at a terminal, JSON for programs otherwise.
func logger(c config.Config, to io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "text" || c.LogFormat == "auto" && isTerminal(to) {
		return slog.New(slog.NewTextHandler(to, o))
	}
	return slog.New(slog.NewJSONHandler(to, o))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
