// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// metrics counts what happens, for Prometheus. No label has what users wrote: a
// route is its template.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec // seconds by route, method, status
	searches *prometheus.HistogramVec // seconds by collection
	timedOut *prometheus.CounterVec   // by collection
	rejected prometheus.Counter
	inFlight prometheus.Gauge
}

// Buckets of durations, in seconds: a search takes less than a millisecond, and at
// most the limit.
var (
	requestBuckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5}
	searchBuckets  = []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1}
)

func newMetrics(store catalog.Store, freshness func(string) catalog.Freshness) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lupa_http_request_duration_seconds", Help: "Time to answer a request.", Buckets: requestBuckets,
		}, []string{"route", "method", "status"}),
		searches: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "lupa_search_duration_seconds", Help: "Time of a search in one collection, without waiting.", Buckets: searchBuckets,
		}, []string{"collection"}),
		timedOut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "lupa_search_timeouts_total", Help: "Searches that were cut off by their time limit.",
		}, []string{"collection"}),
		rejected: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "lupa_searches_rejected_total", Help: "Searches refused because too many were under way.",
		}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "lupa_http_requests_in_flight", Help: "Requests being answered."}),
	}
	m.registry.MustRegister(m.requests, m.searches, m.timedOut, m.rejected, m.inFlight, storeCollector{store, freshness},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (m *metrics) answered(route, method string, status int, took time.Duration) {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		method = "other"
	}
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) searched(collection string, took time.Duration, timedOut bool) {
	m.searches.WithLabelValues(collection).Observe(took.Seconds())
	if timedOut {
		m.timedOut.WithLabelValues(collection).Inc()
	}
}

// page answers GET /metrics, in Prometheus's text format.
func (m *metrics) page(*http.Request) (response, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return response{}, err
	}
	var b bytes.Buffer
	format := expfmt.NewFormat(expfmt.TypeTextPlain)
	encoder := expfmt.NewEncoder(&b, format)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return response{}, err
		}
	}
	return response{kind: string(format), data: b.Bytes(), noTag: true}, nil
}

// A storeCollector asks the store when it is itself asked.
type storeCollector struct {
	store     catalog.Store
	freshness func(collection string) catalog.Freshness
}

var (
	documentsDesc = prometheus.NewDesc("lupa_collection_documents", "Documents that can be found.", []string{"collection"}, nil)
	bytesDesc     = prometheus.NewDesc("lupa_collection_bytes", "Size of the index on disk.", []string{"collection"}, nil)
	readyDesc     = prometheus.NewDesc("lupa_collection_ready", "1 where the collection can be searched.", []string{"collection"}, nil)
	builtDesc     = prometheus.NewDesc("lupa_collection_built_timestamp_seconds", "When the index was complete.", []string{"collection"}, nil)
	lagDesc       = prometheus.NewDesc("lupa_source_lag_seconds", "How long ago the copy was known to be equal to its source.", []string{"collection"}, nil)
	behindDesc    = prometheus.NewDesc("lupa_source_changes_waiting", "Changes in the source that are known to wait.", []string{"collection"}, nil)
	successDesc   = prometheus.NewDesc("lupa_source_success_timestamp_seconds", "When the source answered last.", []string{"collection"}, nil)
	appliedDesc   = prometheus.NewDesc("lupa_source_changes_total", "Changes applied.", []string{"collection"}, nil)
	loadsDesc     = prometheus.NewDesc("lupa_source_loads_total", "Times that the source was read as a whole.", []string{"collection"}, nil)
	errorsDesc    = prometheus.NewDesc("lupa_source_errors_total", "Times that reading the source failed.", []string{"collection"}, nil)
)

// Describe lists what Collect gives.
func (storeCollector) Describe(to chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		documentsDesc, bytesDesc, readyDesc, builtDesc, lagDesc, behindDesc, successDesc, appliedDesc, loadsDesc, errorsDesc,
	} {
		to <- desc
	}
}

// Collect gives the numbers of every collection.
func (s storeCollector) Collect(to chan<- prometheus.Metric) {
	for _, status := range s.store.Status() {
		name := status.Collection.Name
		gauge := func(desc *prometheus.Desc, value float64) {
			to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, name)
		}
		gauge(documentsDesc, float64(status.Documents))
		gauge(bytesDesc, float64(status.Bytes))
		ready := 0.0
		if status.State == catalog.StateReady {
			ready = 1
			gauge(builtDesc, float64(status.Built.UnixNano())/1e9)
		}
		gauge(readyDesc, ready)
		s.collectFreshness(to, name)
	}
}

// collectFreshness gives how far a collection follows its source.
func (s storeCollector) collectFreshness(to chan<- prometheus.Metric, name string) {
	f := s.freshness(name)
	if f.Mode == "" {
		return
	}
	give := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64) {
		to <- prometheus.MustNewConstMetric(desc, kind, value, name)
	}
	if lag, known := f.Lag(time.Now()); known {
		give(lagDesc, prometheus.GaugeValue, lag.Seconds())
	}
	if f.Behind >= 0 {
		give(behindDesc, prometheus.GaugeValue, float64(f.Behind))
	}
	if !f.Success.IsZero() {
		give(successDesc, prometheus.GaugeValue, float64(f.Success.UnixNano())/1e9)
	}
	give(appliedDesc, prometheus.CounterValue, float64(f.Applied))
	give(loadsDesc, prometheus.CounterValue, float64(f.Loads))
	give(errorsDesc, prometheus.CounterValue, float64(f.Errors))
}
