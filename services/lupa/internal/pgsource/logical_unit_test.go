// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource"
	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
)

// TestShows has transactions whose numbers, of which the lower half is known, are on
// either side of where that half begins anew.
func TestShows(t *testing.T) {
	for _, c := range []struct {
		snapshot string
		xid      uint32
		want     bool
	}{
		{"100:105:100,103", 99, true},
		{"100:105:100,103", 100, false},
		{"100:105:100,103", 101, true},
		{"100:105:100,103", 103, false},
		{"100:105:100,103", 104, true},
		{"100:105:100,103", 105, false},
		{"100:105:", 4_000_000, false},
		{"4294967290:4294967300:4294967295,4294967298", 4294967294, true},
		{"4294967290:4294967300:4294967295,4294967298", 4294967295, false},
		{"4294967290:4294967300:4294967295,4294967298", 2, false},
		{"4294967290:4294967300:4294967295,4294967298", 3, true},
		{"4294967290:4294967300:4294967295,4294967298", 4, false},
		{"8589934692:8589934693:8589934692", 100, false},
		{"8589934692:8589934693:8589934692", 99, true},
	} {
		if got := pgsource.Shows(c.snapshot, map[uint32]bool{c.xid: true}); got != c.want {
			t.Errorf("view %s shows %d: %t, want %t", c.snapshot, c.xid, got, c.want)
		}
	}
	if !pgsource.Shows("1:1:", nil) {
		t.Error("a view does not show nothing")
	}
}

func TestLogEnd(t *testing.T) {
	for next, want := range map[replication.LSN]replication.LSN{
		0x1000028: 0x1000000, // the first page of a file
		0x1002018: 0x1002000, // any other
		0x1002000: 0x1002000,
		0x1002030: 0x1002030,
		0x1001ff8: 0x1001ff8,
	} {
		if got := pgsource.LogEnd(next); got != want {
			t.Errorf("what ends before %s ends at %s, want %s", next, got, want)
		}
	}
}

func TestWaitsFor(t *testing.T) {
	for _, c := range []struct {
		standbys, application string
		want                  bool
	}{
		{"", "lupa items", false},
		{"*", "lupa items", true},
		{"FIRST 2 (a, b)", "lupa items", false},
		{"ANY 1 (a, *)", "lupa items", true},
		{`a,"Lupa items"`, "lupa items", true},
		{`"a""b"`, `a"b`, true},
		{`"lupa items 2"`, "lupa items", false},
	} {
		if got := pgsource.WaitsFor(c.standbys, c.application); got != c.want {
			t.Errorf("%s waits for %s: %t, want %t", c.standbys, c.application, got, c.want)
		}
	}
}

// TestSlotName wants names that PostgreSQL takes, and other ones for other replicas.
func TestSlotName(t *testing.T) {
	names := make(map[string]string)
	for _, c := range []struct{ collection, replica string }{
		{"items", "one"},
		{"items", "One"},
		{"items", "o.ne"},
		{"items_one", "x"},
		{"items", "one_x"},
		{"items", "one__x"},
		{"items-one", "x"},
		{strings.Repeat("c", 60), "r"},
		{strings.Repeat("c", 61), "r"},
		{"c", strings.Repeat("r", 60)},
		{"c", "ñandú"},
		{"c", "___"},
		{"c", ""},
		{strings.Repeat("c-", 60), strings.Repeat("r-", 60)},
	} {
		o := options("")
		o.Collection, o.Replica = c.collection, c.replica
		name := open(t, o).SlotName()
		if len(name) > 63 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || strings.Count(name, "__") != 1 {
			t.Errorf("the slot of %v is %q", c, name)
		}
		if other, ok := names[name]; ok {
			t.Errorf("%s and %v both have slot %s", other, c, name)
		}
		names[name] = fmt.Sprint(c)
	}
	if names["lupa_items__one"] == "" || names["lupa_items_one__x"] == "" {
		t.Errorf("plain names are not kept: %v", names)
	}
}
