// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package row

import (
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// moments reads dates and times.
func moments(texts []string) (catalog.Value, error) {
	var v catalog.Value
	for _, text := range texts {
		if text == "" {
			continue
		}
		seconds, err := parseMoment(text)
		if err != nil {
			return catalog.Value{}, err
		}
		v.Numbers = append(v.Numbers, seconds)
	}
	return v, nil
}

// Layouts of dates and times in a session with Settings.
var layouts = []string{"2006-01-02 15:04:05", "2006-01-02 15:04:05-07", "2006-01-02"}

// parseMoment reads a date or time in seconds since 1970.
func parseMoment(text string) (float64, error) {
	switch {
	case strings.HasSuffix(text, "infinity"):
		return 0, invalid("is %s, which is no moment; let a query give NULL or a real date", text)
	case strings.HasSuffix(text, " BC"):
		return 0, invalid("is %s; years from 1 to 9999 can be kept", text)
	}
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return float64(t.Unix()) + float64(t.Nanosecond()/1000)/1e6, nil
		}
	}
	return 0, invalid("is %.40q, which is no time with a year from 1 to 9999", text)
}
