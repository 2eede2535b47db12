// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
)

// A record is what went on in a page since it was made.
type record struct {
	mu       sync.Mutex
	origins  []string // Of the addresses that the test itself went to.
	requests []string
	console  []string
	policy   []string
}

// Requests returns the URL of every request, in their order, also of those that
// failed or were not allowed.
func (r *record) Requests() []string { return r.copyOf(&r.requests) }

// Console returns every error and warning of the console: what scripts reported,
// exceptions that nobody caught, and what the browser found wrong.
func (r *record) Console() []string { return r.copyOf(&r.console) }

// PolicyViolations returns what offended the page's Content-Security-Policy, or
// would have, were it not for reports only: directive, and what was refused.
func (r *record) PolicyViolations() []string { return r.copyOf(&r.policy) }

// Foreign returns the requests to other origins than those the test opened.
func (r *record) Foreign() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var foreign []string
	for _, address := range r.requests {
		if origin := originOf(address); origin != "" && !slices.Contains(r.origins, origin) {
			foreign = append(foreign, address)
		}
	}
	return foreign
}

// CheckClean reports everything that a page should not do as errors of the test:
// requests to other origins, violations of its policy, messages in the console.
func (p *Page) CheckClean() {
	p.t.Helper()
	for _, f := range p.Foreign() {
		p.t.Errorf("the page asks another host: %s", f)
	}
	for _, v := range p.PolicyViolations() {
		p.t.Errorf("the page offends its policy: %s", v)
	}
	for _, c := range p.Console() {
		p.t.Errorf("the page's console has: %s", c)
	}
}

func (r *record) copyOf(list *[]string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(*list)
}

// expect makes the address's origin one that is not foreign.
func (r *record) expect(address string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.origins = append(r.origins, originOf(address))
}

// originOf returns scheme and host, or nothing for what is in the page itself.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	switch u.Scheme {
	case "data", "blob", "about":
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// note takes an event of the page. It is called by one goroutine.
func (r *record) note(event any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		r.requests = append(r.requests, e.Request.URL)
	case *network.EventWebSocketCreated:
		r.requests = append(r.requests, e.URL)
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			r.console = append(r.console, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		r.console = append(r.console, "exception: "+exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		switch e.Type {
		case runtime.ConsoleAPICalledTypeError, runtime.ConsoleAPICalledTypeWarning, runtime.ConsoleAPICalledTypeAssert:
			r.console = append(r.console, fmt.Sprintf("%s: %s", e.Type, arguments(e.Args)))
		}
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			r.policy = append(r.policy, strings.TrimSpace(fmt.Sprintf("%s: %s %s", d.ViolatedDirective, d.ContentSecurityPolicyViolationType, d.BlockedURL)))
		}
	}
}

func exception(d *runtime.ExceptionDetails) string {
	text := d.Text
	if d.Exception != nil && d.Exception.Description != "" {
		text = d.Exception.Description
	}
	return fmt.Sprintf("%s (%s:%d)", text, d.URL, d.LineNumber+1)
}

func arguments(args []*runtime.RemoteObject) string {
	var words []string
	for _, a := range args {
		if a.Description != "" {
			words = append(words, a.Description)
		} else {
			words = append(words, string(a.Value))
		}
	}
	return strings.Join(words, " ")
}
