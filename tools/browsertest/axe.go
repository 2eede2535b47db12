// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// axe is the runfile with the npm package axe-core; BUILD.bazel sets it.
var axe string

// A Violation is a rule of axe-core that elements of a page break.
type Violation struct {
	// Rule is the rule's name, such as "color-contrast".
	Rule string `json:"id"`
	// Impact is minor, moderate, serious or critical.
	Impact string `json:"impact"`
	Help   string `json:"help"`
	// Elements are those that break it.
	Elements []Element `json:"nodes"`
}

// An Element is a part of a page that breaks a rule.
type Element struct {
	HTML    string `json:"html"`
	Summary string `json:"failureSummary"`
}

// String returns rule and elements in a few lines.
func (v Violation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s): %s", v.Rule, v.Impact, v.Help)
	for _, e := range v.Elements {
		fmt.Fprintf(&b, "\n  %s\n    %s", e.HTML, strings.ReplaceAll(e.Summary, "\n", "\n    "))
	}
	return b.String()
}

// Axe returns what axe-core finds wrong with the page as it is now: all its rules
// of WCAG and of good practice. It runs apart from the page's own scripts and
// policy, and asks for nothing over the network.
func Axe(p *Page) []Violation {
	p.t.Helper()
	script, err := axeScript()
	if err != nil {
		p.t.Fatalf("axe: %v", err)
	}
	frames := call(p, page.GetFrameTree, cdp.Empty{})
	world := call(p, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{
		FrameID: frames.FrameTree.Frame.ID, WorldName: "axe",
	})
	isolated(p, world.ExecutionContextID, script+";undefined")
	answer := isolated(p, world.ExecutionContextID, `axe.run(document, {preload: false})
		.then((r) => JSON.stringify({violations: r.violations, passes: r.passes.length}))`)
	var result struct {
		Violations []Violation `json:"violations"`
		Passes     int         `json:"passes"`
	}
	var text string
	if err := errors.Join(json.Unmarshal(answer, &text), json.Unmarshal([]byte(text), &result)); err != nil {
		p.t.Fatalf("axe: read the result: %v", err)
	}
	if result.Passes+len(result.Violations) == 0 {
		p.t.Fatal("axe: no rule applies to the page; is it empty?")
	}
	return result.Violations
}

// CheckAccessible reports every violation that Axe finds as an error of the test.
func (p *Page) CheckAccessible() {
	p.t.Helper()
	for _, v := range Axe(p) {
		p.t.Errorf("the page is not accessible: %s", v)
	}
}

// axeScript reads the script from the npm package, or says why there is none.
func axeScript() (string, error) {
	if axe == "" {
		return "", errors.New("no axe-core: this test must be run by Bazel, which brings it")
	}
	folder, err := runfiles.Rlocation(axe)
	if err != nil {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(folder, "axe.min.js"))
	if errors.Is(err, fs.ErrNotExist) {
		if why, missing := os.ReadFile(filepath.Join(folder, "UNAVAILABLE")); missing == nil {
			return "", errors.New(strings.TrimSpace(string(why)))
		}
	}
	return string(script), err
}

// isolated evaluates an expression apart from the page's own scripts, and returns
// the value, or that of the promise, as JSON.
func isolated(p *Page, world runtime.ExecutionContextID, expression string) []byte {
	p.t.Helper()
	yes := true
	result := call(p, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ContextID: world, AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if result.ExceptionDetails != nil {
		p.t.Fatalf("axe: %s", exception(result.ExceptionDetails))
	}
	return result.Result.Value
}
