// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"time"

	prometheus "github.com/VictoriaMetrics/metrics"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// metrics counts what happens, for Prometheus. No label has what users wrote: a
// route is its template.
//
// Prometheus's own client would add 2.3 MB to the program, most of it for protocol
// buffers.
type metrics struct {
	set      *prometheus.Set
	rejected *prometheus.Counter
	inFlight *prometheus.Gauge
	store    storeMetrics
}

// Names of what is counted with labels.
const (
	requestSeconds = "lupa_http_request_duration_seconds"
	searchSeconds  = "lupa_search_duration_seconds"
	searchTimeouts = "lupa_search_timeouts_total"
)

// metricsType is the media type of Prometheus's text format.
const metricsType = "text/plain; version=0.0.4; charset=utf-8"

// Buckets of durations, in seconds: a search takes less than a millisecond, and at
// most the limit.
var (
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	searchBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}
)

// help completes the lines that the library writes without a text.
var help = strings.NewReplacer(helpLines(map[string]string{
	requestSeconds:                 "Time to answer a request.",
	searchSeconds:                  "Time of a search in one collection, without waiting.",
	searchTimeouts:                 "Searches that were cut off by their time limit.",
	"lupa_searches_rejected_total": "Searches refused because too many were under way.",
	"lupa_http_requests_in_flight": "Requests being answered.",
})...)

func helpLines(texts map[string]string) []string {
	var pairs []string
	for name, text := range texts {
		pairs = append(pairs, "# HELP "+name+"\n", "# HELP "+name+" "+text+"\n")
	}
	return pairs
}

func newMetrics(store catalog.Store, freshness func(string) catalog.Freshness) *metrics {
	prometheus.ExposeMetadata(true)
	set := prometheus.NewSet()
	return &metrics{
		set: set, store: storeMetrics{store, freshness},
		rejected: set.NewCounter("lupa_searches_rejected_total"),
		inFlight: set.NewGauge("lupa_http_requests_in_flight", nil),
	}
}

func (m *metrics) answered(route, method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other"
	}
	name := fmt.Sprintf("%s{method=%q,route=%q,status=\"%d\"}", requestSeconds, method, route, status)
	m.set.GetOrCreatePrometheusHistogramExt(name, requestBuckets).Update(took.Seconds())
}

func (m *metrics) searched(collection string, took time.Duration, timedOut bool) {
	name := searchSeconds + label(collection)
	m.set.GetOrCreatePrometheusHistogramExt(name, searchBuckets).Update(took.Seconds())
	if timedOut {
		m.set.GetOrCreateCounter(searchTimeouts + label(collection)).Inc()
	}
}

func label(collection string) string { return `{collection="` + collection + `"}` }

// page answers GET /metrics, in Prometheus's text format.
func (m *metrics) page(*http.Request) (response, error) {
	var b bytes.Buffer
	m.set.WritePrometheus(&b)
	m.store.write(&b)
	prometheus.WriteProcessMetrics(&b)
	return response{kind: metricsType, data: []byte(help.Replace(b.String())), noTag: true}, nil
}
