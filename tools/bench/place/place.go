// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package place finds what benchmarks need: what the build brings along under
// "bazel run", and what flags and variables name.
package place

import (
	"flag"
	"os"
	"path/filepath"

	"github.com/bazelbuild/rules_go/go/runfiles"

	"github.com/lupasearch/lupa/libs/pgserver"
)

// PostgresVariable names the environment variable with PostgreSQL's address.
const PostgresVariable = "LUPA_BENCH_POSTGRES"

// LupaFlag declares the flag for Lupa's program.
func LupaFlag(fs *flag.FlagSet, program *string) {
	fs.StringVar(program, "lupa", runfile("_main/services/lupa/cmd/lupa/lupa_hosted"), "`file` of Lupa's program; bazel run brings one along")
}

// WordNetFlag declares the flag for WordNet's folder.
func WordNetFlag(fs *flag.FlagSet) *string {
	folder := runfile("debian12_wordnet_amd64/root")
	if folder != "" {
		folder = filepath.Join(folder, "usr/share/wordnet")
	}
	return fs.String("wordnet", folder, "`folder` with WordNet's data files; bazel run brings one along")
}

// PostgresFlag declares the flag for PostgreSQL's address. What it returns gives
// the address once flags are read. The variable is no default of the flag, whose
// help would show it, and a password with it.
func PostgresFlag(fs *flag.FlagSet) func() string {
	dsn := fs.String("postgres", "", "`address` of a PostgreSQL database to measure beside Lupa; the variable "+PostgresVariable+" if empty")
	return func() string {
		if *dsn != "" {
			return *dsn
		}
		return os.Getenv(PostgresVariable)
	}
}

// runfile is the place of what the build brings along, "" outside of it.
func runfile(name string) string {
	found, err := tree()
	if err != nil {
		return ""
	}
	file, err := found.Rlocation(name)
	if err != nil {
		return ""
	}
	if file, err = filepath.Abs(file); err != nil {
		return ""
	}
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// tree is the folder of what the build brings along. Under "bazel run" a list of
// it is there, too, which would be preferred; it has the places where things were
// built, from where a script does not find its own parts.
func tree() (*runfiles.Runfiles, error) {
	if program, err := os.Executable(); err == nil && os.Getenv("RUNFILES_DIR") == "" {
		folder := program + ".runfiles"
		if info, err := os.Stat(folder); err == nil && info.IsDir() {
			return runfiles.New(runfiles.Directory(folder))
		}
	}
	return runfiles.New()
}

// Postgres finds PostgreSQL's programs: those of a folder, or those that the build
// brings along, or Debian's.
func Postgres(folder string) (pgserver.Programs, error) {
	if folder != "" {
		return pgserver.InstalledIn(folder)
	}
	if programs, err := pgserver.Bundled(); err == nil {
		return programs, nil
	}
	return pgserver.InstalledIn("/usr/lib/postgresql/15/bin")
}
