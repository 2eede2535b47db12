// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package staticcheck offers staticcheck's default checks (the families SA, S
// and ST) as the single analyzer that a dependency of nogo must export.
package staticcheck

import (
	"fmt"
	"slices"

	"golang.org/x/tools/go/analysis"
	"honnef.co/go/tools/analysis/lint"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
	"honnef.co/go/tools/stylecheck"
)

// Analyzer runs every check that the staticcheck command runs by default, and
// reports each diagnostic with the name of its check. It is safe for concurrent
// use on different packages, as its parts are.
var Analyzer = newAnalyzer(defaultChecks())

// defaultChecks lists the checks that are on unless somebody turns them off.
func defaultChecks() []*analysis.Analyzer {
	var checks []*analysis.Analyzer
	for _, c := range slices.Concat(staticcheck.Analyzers, simple.Analyzers, stylecheck.Analyzers) {
		if !c.Doc.NonDefault {
			checks = append(checks, prepare(c))
		}
	}
	return checks
}

func prepare(c *lint.Analyzer) *analysis.Analyzer {
	c.Analyzer.Doc = c.Doc.Compile().String()
	return c.Analyzer
}

// newAnalyzer joins checks into one analyzer that requires what they require.
func newAnalyzer(checks []*analysis.Analyzer) *analysis.Analyzer {
	joined := &analysis.Analyzer{
		Name: "staticcheck",
		Doc:  "run staticcheck's default checks",
		Run: func(pass *analysis.Pass) (any, error) {
			for _, check := range checks {
				if err := runCheck(pass, check); err != nil {
					return nil, fmt.Errorf("run %s: %w", check.Name, err)
				}
			}
			return nil, nil
		},
	}
	seen := make(map[*analysis.Analyzer]bool)
	for _, check := range checks {
		for _, required := range check.Requires {
			if !seen[required] {
				seen[required] = true
				joined.Requires = append(joined.Requires, required)
			}
		}
	}
	return joined
}

// runCheck runs one check in the place of the analyzer that joins them.
func runCheck(pass *analysis.Pass, check *analysis.Analyzer) error {
	own := *pass
	own.Analyzer = check
	own.Report = func(d analysis.Diagnostic) {
		d.Message = check.Name + ": " + d.Message
		pass.Report(d)
	}
	_, err := check.Run(&own)
	return err
}
