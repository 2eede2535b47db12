// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
)

// checkTime bounds the check of one database.
const checkTime = 30 * time.Second

// check looks at what the configuration names, and returns the exit code.
func check(ctx context.Context, file string, c config.Config, stdout io.Writer, getenv func(string) string) int {
	fmt.Fprintf(stdout, "%s is valid: %d collections\n", file, len(c.Collections))
	code := exitOK
	for _, collection := range c.Collections {
		if collection.Postgres == nil {
			continue
		}
		options := *collection.Postgres
		options.Getenv = getenv
		if !checkPostgres(ctx, collection.Name, options, stdout) {
			code = exitFail
		}
	}
	return code
}

// checkPostgres writes what is wrong with a source, and tells whether all is well.
func checkPostgres(ctx context.Context, collection string, o pgsource.Options, stdout io.Writer) bool {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	s, err := pgsource.New(o)
	if err != nil {
		fmt.Fprintf(stdout, "collection %s: %v\n", collection, err)
		return false
	}
	report := s.Check(ctx)
	if report.Mode != "" {
		fmt.Fprintf(stdout, "collection %s: about %d rows; changes will come by %s: %s\n", collection, report.Rows, report.Mode, report.Why)
	}
	for _, p := range report.Problems {
		fmt.Fprintf(stdout, "collection %s: %s\n", collection, p.Message)
		if p.Remedy != "" {
			fmt.Fprintf(stdout, "    %s\n", p.Remedy)
		}
	}
	return len(report.Problems) == 0
}
