// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"fmt"
	"io"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// storeMetrics asks the store, and how fresh it is, when it is itself asked.
type storeMetrics struct {
	store     catalog.Store
	freshness func(collection string) catalog.Freshness
}

// A storeFamily is a number of every collection; of one that it is unknown of, there
// is no line.
type storeFamily struct {
	name, kind, help string
	value            func(catalog.Status, catalog.Freshness) (value float64, known bool)
}

var storeFamilies = []storeFamily{
	{"lupa_collection_documents", "gauge", "Documents that can be found.", func(s catalog.Status, _ catalog.Freshness) (float64, bool) {
		return float64(s.Documents), true
	}},
	{"lupa_collection_bytes", "gauge", "Size of the index on disk.", func(s catalog.Status, _ catalog.Freshness) (float64, bool) {
		return float64(s.Bytes), true
	}},
	{"lupa_collection_ready", "gauge", "1 where the collection can be searched.", func(s catalog.Status, _ catalog.Freshness) (float64, bool) {
		if s.State == catalog.StateReady {
			return 1, true
		}
		return 0, true
	}},
	{"lupa_collection_built_timestamp_seconds", "gauge", "When the index was complete.", func(s catalog.Status, _ catalog.Freshness) (float64, bool) {
		return seconds(s.Built), s.State == catalog.StateReady
	}},
	{"lupa_source_lag_seconds", "gauge", "How long ago the copy was known to be equal to its source.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		lag, known := f.Lag(time.Now())
		return lag.Seconds(), known && f.Mode != ""
	}},
	{"lupa_source_changes_waiting", "gauge", "Changes in the source that are known to wait.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		return float64(f.Behind), f.Behind >= 0 && f.Mode != ""
	}},
	{"lupa_source_success_timestamp_seconds", "gauge", "When the source answered last.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		return seconds(f.Success), !f.Success.IsZero() && f.Mode != ""
	}},
	{"lupa_source_changes_total", "counter", "Changes applied.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		return float64(f.Applied), f.Mode != ""
	}},
	{"lupa_source_loads_total", "counter", "Times that the source was read as a whole.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		return float64(f.Loads), f.Mode != ""
	}},
	{"lupa_source_errors_total", "counter", "Times that reading the source failed.", func(_ catalog.Status, f catalog.Freshness) (float64, bool) {
		return float64(f.Errors), f.Mode != ""
	}},
}

func seconds(t time.Time) float64 { return float64(t.UnixNano()) / 1e9 }

// write gives the numbers of every collection.
func (s storeMetrics) write(w io.Writer) {
	all := s.store.Status()
	fresh := make([]catalog.Freshness, len(all))
	for i, status := range all {
		fresh[i] = s.freshness(status.Collection.Name)
	}
	for _, family := range storeFamilies {
		begun := false
		for i, status := range all {
			value, known := family.value(status, fresh[i])
			if !known {
				continue
			}
			if !begun {
				fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s %s\n", family.name, family.help, family.name, family.kind)
				begun = true
			}
			fmt.Fprintf(w, "%s%s %.17g\n", family.name, label(status.Collection.Name), value)
		}
	}
}
