// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// A Change is what happened to one package file between two locks.
type Change struct {
	// Kind is "added", "removed", "upgraded", "downgraded" or "replaced"; the
	// last means other content under the same version.
	Kind, Name, Architecture string
	// From and To are versions, From empty for added, To empty for removed.
	From, To string
	// Growth is the change of the file's size in bytes.
	Growth int64
}

// Changes lists what differs between two locks, sorted by package.
func Changes(from, to *Lock) []Change {
	before, after := index(from), index(to)
	var out []Change
	for key, n := range after {
		o, had := before[key]
		c := Change{Name: n.Name, Architecture: n.Architecture, From: o.Version, To: n.Version, Growth: n.Size - o.Size}
		switch order := deb.Compare(o.Version, n.Version); {
		case had && o.SHA256 == n.SHA256:
			continue
		case !had:
			c.Kind = "added"
		case order < 0:
			c.Kind = "upgraded"
		case order > 0:
			c.Kind = "downgraded"
		default:
			c.Kind = "replaced"
		}
		out = append(out, c)
	}
	for key, o := range before {
		if _, has := after[key]; !has {
			out = append(out, Change{Kind: "removed", Name: o.Name, Architecture: o.Architecture, From: o.Version, Growth: -o.Size})
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Architecture, b.Architecture))
	})
	return out
}

func index(l *Lock) map[[2]string]LockedPackage {
	m := map[[2]string]LockedPackage{}
	for _, p := range l.Packages {
		m[[2]string{p.Name, p.Architecture}] = p
	}
	return m
}

// Report writes the changes for people to read.
func Report(w io.Writer, from, to *Lock) {
	changes := Changes(from, to)
	for _, c := range changes {
		versions := c.From + c.To
		if c.From != "" && c.To != "" {
			versions = c.From + " -> " + c.To
		}
		fmt.Fprintf(w, "%-10s  %s %s  %s  (%+.1f KiB)\n", c.Kind, c.Name, c.Architecture, versions, kib(c.Growth))
	}
	for _, n := range to.Suites {
		for _, o := range from.Suites {
			if o.Name == n.Name && !o.Date.Equal(n.Date) {
				fmt.Fprintf(w, "suite       %s  %s -> %s\n", n.Name, o.Date.Format("2006-01-02 15:04"), n.Date.Format("2006-01-02 15:04"))
			}
		}
	}
	if len(changes) == 0 {
		fmt.Fprintln(w, "No package changed.")
	}
	fmt.Fprintf(w, "%d packages, %.1f MiB to download if all are used (%+.1f KiB).\n",
		len(to.Packages), kib(to.Size())/1024, kib(to.Size()-from.Size()))
}

func kib(n int64) float64 { return float64(n) / 1024 }
