// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package resolve

import (
	"fmt"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// A Relation names a package and which of its versions will do.
type Relation struct {
	Name string
	// Arch is the text after a colon: "", "any", "native" or an architecture.
	Arch string
	// Op is "", "<<", "<=", "=", ">=" or ">>".
	Op      string
	Version string
}

// A Clause is met by any one of its relations, the first being preferred.
type Clause []Relation

// ParseRelations reads a field such as Depends: clauses separated by commas,
// alternatives by bars.
func ParseRelations(field string) ([]Clause, error) {
	var clauses []Clause
	for part := range strings.SplitSeq(field, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		var c Clause
		for alternative := range strings.SplitSeq(part, "|") {
			r, err := parseRelation(strings.TrimSpace(alternative))
			if err != nil {
				return nil, err
			}
			c = append(c, r)
		}
		clauses = append(clauses, c)
	}
	return clauses, nil
}

func parseRelation(s string) (Relation, error) {
	bad := func(why string) (Relation, error) {
		return Relation{}, fmt.Errorf("relation %q: %s", s, why)
	}
	name, constraint, has := strings.Cut(s, "(")
	r := Relation{Name: strings.TrimSpace(name)}
	r.Name, r.Arch, _ = strings.Cut(r.Name, ":")
	if r.Name == "" || strings.ContainsAny(r.Name, " \t[]<>") {
		return bad("want name, name:arch or name (>= version)")
	}
	if !has {
		return r, nil
	}
	constraint, rest, closed := strings.Cut(constraint, ")")
	if !closed || strings.TrimSpace(rest) != "" {
		return bad("no closing bracket at the end")
	}
	constraint = strings.TrimSpace(constraint)
	r.Version = strings.TrimLeft(constraint, "<=>")
	r.Op = constraint[:len(constraint)-len(r.Version)]
	r.Version = strings.TrimSpace(r.Version)
	switch r.Op {
	case "<<", "<=", "=", ">=", ">>":
	case "<", ">": // Obsolete spelling of "<=" and ">=".
		r.Op += "="
	default:
		return bad("unknown operator " + r.Op)
	}
	if err := deb.CheckVersion(r.Version); err != nil {
		return bad(err.Error())
	}
	return r, nil
}

// Allows says whether the version will do.
func (r Relation) Allows(version string) bool {
	c := deb.Compare(version, r.Version)
	switch r.Op {
	case "<<":
		return c < 0
	case "<=":
		return c <= 0
	case "=":
		return c == 0
	case ">=":
		return c >= 0
	case ">>":
		return c > 0
	}
	return true
}

// String renders the relation as it stands in a control file.
func (r Relation) String() string {
	s := r.Name
	if r.Arch != "" {
		s += ":" + r.Arch
	}
	if r.Op != "" {
		s += " (" + r.Op + " " + r.Version + ")"
	}
	return s
}

// String renders the clause as it stands in a control file.
func (c Clause) String() string {
	parts := make([]string, len(c))
	for i, r := range c {
		parts[i] = r.String()
	}
	return strings.Join(parts, " | ")
}
