// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// maxTests bounds the values of one filter.
const maxTests = 256

// ParseFilter reads a filter: FIELD:VALUE, with several values divided by commas,
// of which one must fit. Before the field a '-' turns it around. Texts are compared
// as a whole, and stand in quotes if they have commas. Of numbers and times there
// are >10, >=10, <10, <=10 and 10..20 with both ends in it; a year, month or day
// stands for all of its time.
func ParseFilter(c catalog.Collection, text string) (catalog.Filter, error) {
	rest, not := strings.CutPrefix(strings.TrimSpace(text), "-")
	name, values, ok := strings.Cut(rest, ":")
	if !ok {
		return catalog.Filter{}, catalog.Errorf(catalog.CodeInvalid, "filter %.80q: FIELD:VALUE is wanted", text)
	}
	field, err := filterable(c, "filter", name)
	if err != nil {
		return catalog.Filter{}, err
	}
	f := catalog.Filter{Field: field.Name, Not: not}
	for _, value := range splitValues(values) {
		test, ok := parseTest(field, value)
		if !ok {
			return catalog.Filter{}, catalog.Errorf(catalog.CodeInvalid, "filter %.80q: %.80q is no %s; %s", text, value, field.Kind, valueForms[field.Kind])
		}
		f.Tests = append(f.Tests, test)
	}
	if len(f.Tests) > maxTests {
		return catalog.Filter{}, catalog.Errorf(catalog.CodeInvalid, "filter on %s: %d values; %d are allowed", name, len(f.Tests), maxTests)
	}
	return f, nil
}

var valueForms = map[catalog.Kind]string{
	catalog.String: "a text is wanted, in quotes if it has commas",
	catalog.Number: "10, >10, >=10, <10, <=10 or 10..20 are wanted",
	catalog.Bool:   "true or false is wanted",
	catalog.Time:   "2006, 2006-01, 2006-01-02, 2006-01-02T15:04:05Z or seconds since 1970 are wanted, with >, >=, <, <= before it or .. between two",
}

// ParseOrder reads what to sort by: FIELD, FIELD:asc or FIELD:desc.
func ParseOrder(c catalog.Collection, text string) (catalog.Order, error) {
	name, direction, _ := strings.Cut(strings.TrimSpace(text), ":")
	field, err := filterable(c, "sort", name)
	if err != nil {
		return catalog.Order{}, err
	}
	if direction != "" && direction != "asc" && direction != "desc" {
		return catalog.Order{}, catalog.Errorf(catalog.CodeInvalid, "sort %.80q: asc or desc is wanted behind the colon", text)
	}
	return catalog.Order{Field: field.Name, Descending: direction == "desc"}, nil
}

// ParseFacet reads a field to count the values of.
func ParseFacet(c catalog.Collection, text string) (string, error) {
	field, err := filterable(c, "facets", strings.TrimSpace(text))
	return field.Name, err
}

// filterable finds a field that can be used so.
func filterable(c catalog.Collection, use, name string) (catalog.Field, error) {
	if i := c.Field(name); i >= 0 && c.Fields[i].Filterable() {
		return c.Fields[i], nil
	}
	var names []string
	for _, f := range c.Fields {
		if f.Filterable() {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return catalog.Field{}, catalog.Errorf(catalog.CodeInvalid, "%s: collection %q has no fields for that; text is only searched", use, c.Name)
	}
	return catalog.Field{}, catalog.Errorf(catalog.CodeInvalid, "%s: collection %q has no field %.80q for that; there are %s", use, c.Name, name, strings.Join(names, ", "))
}

// splitValues divides at commas outside of quotes, and takes quotes off.
func splitValues(text string) []string {
	var all []string
	for {
		text = strings.TrimSpace(text)
		if quoted, ok := strings.CutPrefix(text, `"`); ok {
			if value, rest, ok := strings.Cut(quoted, `"`); ok {
				rest = strings.TrimSpace(rest)
				if after, more := strings.CutPrefix(rest, ","); more || rest == "" {
					all = append(all, value)
					if !more {
						return all
					}
					text = after
					continue
				}
			}
		}
		value, rest, more := strings.Cut(text, ",")
		all = append(all, strings.TrimSpace(value))
		if !more {
			return all
		}
		text = rest
	}
}

func parseTest(f catalog.Field, text string) (catalog.Test, bool) {
	if f.Textual() {
		return catalog.Test{Text: text}, true
	}
	if f.Kind == catalog.Bool {
		at := slices.Index([]string{"false", "true"}, text)
		return catalog.Test{Low: float64(at), High: float64(at)}, at >= 0
	}
	parse := parseNumber
	if f.Kind == catalog.Time {
		parse = parseTime
	}
	for _, prefix := range []string{">=", "<=", ">", "<"} {
		if rest, ok := strings.CutPrefix(text, prefix); ok {
			span, ok := parse(strings.TrimSpace(rest))
			return bound(prefix, span), ok
		}
	}
	low, high, ranged := strings.Cut(text, "..")
	test := catalog.Test{Low: math.Inf(-1), High: math.Inf(1)}
	if !ranged {
		high = low
	}
	if low = strings.TrimSpace(low); low != "" {
		span, ok := parse(low)
		if !ok {
			return test, false
		}
		test.Low, test.LowOpen = span.Low, span.LowOpen
	}
	if high = strings.TrimSpace(high); high != "" {
		span, ok := parse(high)
		if !ok {
			return test, false
		}
		test.High, test.HighOpen = span.High, span.HighOpen
	}
	return test, low != "" || high != ""
}

// bound turns a span into all that lies before or behind it.
func bound(operator string, span catalog.Test) catalog.Test {
	all := catalog.Test{Low: math.Inf(-1), High: math.Inf(1)}
	switch operator {
	case ">=":
		all.Low = span.Low
	case ">":
		all.Low, all.LowOpen = span.High, !span.HighOpen
	case "<=":
		all.High, all.HighOpen = span.High, span.HighOpen
	case "<":
		all.High, all.HighOpen = span.Low, true
	}
	return all
}

func parseNumber(text string) (catalog.Test, bool) {
	number, err := strconv.ParseFloat(text, 64)
	return catalog.Test{Low: number, High: number}, err == nil && !math.IsNaN(number) && !math.IsInf(number, 0)
}

// parseTime reads a moment, or a day, month or year with all of its time, in UTC
// unless it has a zone.
func parseTime(text string) (catalog.Test, bool) {
	for _, form := range []struct {
		layout       string
		years, month int
		days         int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {"2006-01-02", 0, 0, 1}} {
		if t, err := time.Parse(form.layout, text); err == nil {
			return catalog.Test{Low: seconds(t), High: seconds(t.AddDate(form.years, form.month, form.days)), HighOpen: true}, true
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return catalog.Test{Low: seconds(t), High: seconds(t)}, true
		}
	}
	return parseNumber(text)
}

func seconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond()/1000)/1e6 }

// Quote writes a text so that it is one value of a filter; ok is false for one
// that cannot be written so.
func Quote(text string) (quoted string, ok bool) {
	if !strings.Contains(text, ",") && !strings.HasPrefix(text, `"`) && strings.TrimSpace(text) == text && text != "" {
		return text, true
	}
	return `"` + text + `"`, !strings.Contains(text, `"`)
}
