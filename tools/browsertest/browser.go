// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package browsertest opens pages in a headless Chromium, in tests.
//
// The browser, its libraries and its fonts are those of the package lock; it
// uses nothing else of the machine, reaches loopback only, and keeps its profile
// in the test's temporary folder. Everything a test asks for that does not come
// about fails that test: there is no error to look at, and a browser that is
// missing is no reason to skip.
//
//	b := browsertest.Start(t)
//	p := b.Page(t)
//	p.Viewport(390, 844)
//	p.Open(server.URL)
//	p.Press("/", "dog", browsertest.Enter)
//	p.Wait(`document.querySelectorAll("li").length == 10`)
//	p.Screenshot("results")
//	p.CheckClean()
package browsertest

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// patience is how long anything may take before the test fails. What is waited
// for comes within milliseconds; machines that run tests may be very busy.
const patience = 30 * time.Second

// A Browser is a running Chromium. Its pages may be used by several tests and
// goroutines at once.
type Browser struct {
	ctx context.Context
}

// Start starts a browser, which ends with the test.
func Start(t testing.TB) *Browser {
	t.Helper()
	began := time.Now()
	in, err := install(t.TempDir())
	if err != nil {
		t.Fatalf("start browser: %v", err)
	}
	output := &strings.Builder{}
	allocator, release := chromedp.NewExecAllocator(context.Background(), in.options(output)...)
	ctx, cancel := chromedp.NewContext(allocator, chromedp.WithErrorf(t.Logf))
	t.Cleanup(func() {
		ending, stop := context.WithTimeout(ctx, patience)
		defer stop()
		if err := chromedp.Cancel(ending); err != nil {
			t.Errorf("end browser: %v", err)
		}
		cancel()
		release()
		if err := in.end(); err != nil {
			t.Errorf("end browser: %v", err)
		}
		if t.Failed() {
			t.Logf("the browser wrote:\n%s", output)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start browser: %v", err)
	}
	in.group = chromedp.FromContext(ctx).Browser.Process().Pid
	t.Logf("browser started in %v", time.Since(began).Round(time.Millisecond))
	return &Browser{ctx: ctx}
}
