// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
	"github.com/lupasearch/lupa/services/lupa/internal/catalog/catalogtest"
	"github.com/lupasearch/lupa/services/lupa/internal/config"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

// following serves the animals, with a source in some state.
func following(t *testing.T, f catalog.Freshness, limit config.Freshness) fixture {
	t.Helper()
	return serve(t, open(t, catalogtest.Collections[0]), func(o *web.Options) {
		o.Staleness = limit
		o.Freshness = func(string) catalog.Freshness { return f }
	})
}

// late is an hour behind.
var late = catalog.Freshness{
	Mode: "changefeed", Phase: catalog.PhaseRetrying, Current: time.Now().Add(-time.Hour), Behind: 7, Success: time.Now().Add(-time.Hour),
	Error: "connection refused", Failed: time.Now(), Applied: 11, Loads: 1, Errors: 3,
}

func TestFreshness(t *testing.T) {
	f := following(t, late, config.Freshness{Limit: time.Minute})
	source, ok := ask[map[string]any](t, f, "/v1/collections/animals")["source"].(map[string]any)
	if lag, _ := source["lag_seconds"].(float64); !ok || lag < 3600 || lag > 3700 || source["stale"] != true || source["mode"] != "changefeed" ||
		source["phase"] != "retrying" || source["changes_waiting"] != 7.0 || source["last_error"] != "connection refused" || source["errors"] != 3.0 {
		t.Errorf("source = %v", source)
	}
	text := body(t, f.get("/metrics"))
	for _, line := range []string{
		`lupa_source_changes_waiting{collection="animals"} 7`, `lupa_source_changes_total{collection="animals"} 11`,
		`lupa_source_loads_total{collection="animals"} 1`, `lupa_source_errors_total{collection="animals"} 3`, `lupa_source_lag_seconds{collection="animals"} 36`,
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("metrics lack %s", line)
		}
	}
	if source := ask[map[string]any](t, serve(t, open(t), nil), "/v1/collections/animals")["source"]; source != nil {
		t.Errorf("a collection that nobody brings up to date has the source %v", source)
	}
}

func TestReadyByFreshness(t *testing.T) {
	now := time.Now()
	fresh := catalog.Freshness{Mode: "poll", Current: now}
	old := catalog.Freshness{Mode: "poll", Current: now.Add(-time.Hour)}
	unknown := catalog.Freshness{Mode: "poll"}
	for name, test := range map[string]struct {
		f      catalog.Freshness
		limit  config.Freshness
		status int
		text   string
	}{
		"fresh":              {fresh, config.Freshness{Limit: time.Minute, Fail: true}, http.StatusOK, "ok\n"},
		"no limit":           {old, config.Freshness{Fail: true}, http.StatusOK, "ok\n"},
		"served though old":  {old, config.Freshness{Limit: time.Minute}, http.StatusOK, "ok\nstale: animals: it is as the source was 1h0m0s ago\n"},
		"old":                {old, config.Freshness{Limit: time.Minute, Fail: true}, http.StatusServiceUnavailable, "is not fresh: it is as the source was 1h0m0s ago"},
		"source not reached": {unknown, config.Freshness{Limit: time.Minute, Fail: true}, http.StatusServiceUnavailable, "its source was not reached since the start"},
		"no source":          {catalog.Freshness{}, config.Freshness{Limit: time.Minute, Fail: true}, http.StatusOK, "ok\n"},
	} {
		r := following(t, test.f, test.limit).get("/readyz")
		if text := body(t, r); r.StatusCode != test.status || !strings.Contains(text, test.text) {
			t.Errorf("%s: status %d: %s; want %d with %q", name, r.StatusCode, text, test.status, test.text)
		}
	}
}
