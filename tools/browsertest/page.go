// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A Page is a tab with cookies and storage of its own. Its methods fail the test
// it was made for, and are called by that test's goroutine alone.
type Page struct {
	t   testing.TB
	ctx context.Context
	record
}

// Page opens an empty tab of 1280×800 points, light and with JavaScript. It is
// closed when the test ends.
func (b *Browser) Page(t testing.TB) *Page {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatalf("open page: %v", err)
	}
	call(p, audits.Enable, cdp.Empty{})
	p.Viewport(1280, 800)
	return p
}

// Viewport sets the size of the page's window in points.
func (p *Page) Viewport(width, height int) {
	p.t.Helper()
	do(p, chromedp.EmulateViewport(int64(width), int64(height)))
}

// Dark says whether the page is shown to somebody who prefers dark colours.
func (p *Page) Dark(dark bool) {
	p.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
}

// JavaScript says whether scripts of the page run, from the next Open on. The
// test's own expressions always do.
func (p *Page) JavaScript(on bool) {
	p.t.Helper()
	call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// Open goes to the URL and waits until it is loaded.
func (p *Page) Open(url string) {
	p.t.Helper()
	p.expect(url)
	do(p, chromedp.Navigate(url))
}

// Click clicks on the middle of the first element that the CSS selector finds.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.Wait(fmt.Sprintf("document.querySelector(%s)", quote(selector)))
	do(p, chromedp.Click(chromedp.CSS(selector)))
}

// Wait waits until the JavaScript expression is true, also across a change to
// another page.
func (p *Page) Wait(expression string) {
	p.t.Helper()
	var last error
	came := until(func() bool {
		var value bool
		value, last = evaluate[bool](p, "!!("+expression+")")
		return value
	})
	if !came {
		p.Screenshot("waited-in-vain")
		p.t.Fatalf("waited %v in vain for %s (%v); console: %q", patience, expression, last, p.Console())
	}
}

// Text returns the text that is to be seen of the first element that the CSS
// selector finds.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf("document.querySelector(%s).innerText", quote(selector)))
}

// Screenshot keeps a picture of the whole page, below its window, too, among the
// outputs of the test, and returns its path. The name is without an ending.
func (p *Page) Screenshot(name string) string {
	p.t.Helper()
	picture, err := run(p, chromedp.FullScreenshot(100))
	if err != nil {
		p.t.Fatalf("screenshot %s: %v", name, err)
	}
	folder := os.Getenv("TEST_UNDECLARED_OUTPUTS_DIR")
	if folder == "" {
		folder = p.t.TempDir()
	}
	file := filepath.Join(folder, name+".png")
	if err := os.WriteFile(file, picture, 0o644); err != nil {
		p.t.Fatalf("screenshot %s: %v", name, err)
	}
	return file
}

// Eval returns the value of a JavaScript expression in the page; if it is a
// promise, what that gives. The value goes through JSON.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	value, err := evaluate[T](p, expression)
	if err != nil {
		p.t.Fatalf("evaluate %s: %v", expression, err)
	}
	return value
}

func evaluate[T any](p *Page, expression string) (T, error) {
	return run(p, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// run runs an action with a limit of time.
func run[T any](p *Page, a chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, a)
}

func do(p *Page, a chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if _, err := run(p, a); err != nil {
		p.t.Fatal(err)
	}
}

func call[P, R any](p *Page, command cdp.Command[P, R], params P) R {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, command, params)
	if err != nil {
		p.t.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// quote returns the text as a JavaScript literal.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(err) // A string always encodes.
	}
	return string(literal)
}
