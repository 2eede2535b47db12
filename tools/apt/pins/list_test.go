// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pins_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/pins"
)

const list = `keys: [k.asc]
suites:
  - name: trusty
    archive: debian
    components: [main]
    signed_by: [B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8]
architectures: [amd64, arm64]
groups:
  base:
    purpose: everything stands on it
    architectures: [amd64]
    tree: true
    depends: all
    packages:
      libc6: linked with
    except:
      binutils: not needed
    include: [usr/**, "lib/*.so"]
`

func TestParseList(t *testing.T) {
	got, err := pins.ParseList([]byte(list), "p.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := &pins.List{
		Keys: []string{"k.asc"},
		Suites: []pins.Suite{{
			Name: "trusty", Archive: "debian", Components: []string{"main"},
			SignedBy: []string{"B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8"},
		}},
		Architectures: []string{"amd64", "arm64"},
		Snapshot:      pins.Automatic,
		Groups: map[string]pins.Group{"base": {
			Purpose: "everything stands on it", Architectures: []string{"amd64"}, Tree: true, Depends: "all",
			Packages: map[string]string{"libc6": "linked with"}, Except: map[string]string{"binutils": "not needed"},
			Include: []string{"usr/**", "lib/*.so"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"debian"}, got.Archives()); diff != "" {
		t.Errorf("archives (-want +got):\n%s", diff)
	}
}

// TestParseListRefuses changes one thing in a good list at a time; every error
// says where.
func TestParseListRefuses(t *testing.T) {
	tests := []struct {
		name, old, change string
		want              []string
	}{
		{"not YAML", "keys: [", "keys: [[", []string{"p.yaml: [2:1]"}},
		{"unknown field", "    tree: true", "    trees: true", []string{"p.yaml: ", "[12:5]", `unknown field "trees"`}},
		{"twice", "      libc6: linked with\n", "      libc6: a\n      libc6: b\n", []string{"[16:7]", "already defined at [15:7]"}},
		{"wrong type", "tree: true", "tree: maybe", []string{"[12:11]"}},
		{"no suites", list[strings.Index(list, "suites:"):strings.Index(list, "architectures:")], "suites: []\n", []string{"p.yaml:2:9: suites: no suite is given"}},
		{"suite's name", "name: trusty", "name: Trusty Tahr", []string{`p.yaml:3:9: suites.0: "Trusty Tahr" is not a suite's codename`}},
		{"archive", "archive: debian", "archive: http://x", []string{"is not an archive's name"}},
		{"components", "components: [main]", "components: []", []string{"suites.0: no component is given: write components: [main]"}},
		{"no fingerprint", "signed_by: [B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8]", "signed_by: []", []string{"no fingerprint is given"}},
		{"short fingerprint", "B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8", "350947F8", []string{`p.yaml:6:17: suites.0.signed_by.0: "350947F8" is not a fingerprint`}},
		{"no architectures", "architectures: [amd64, arm64]", "architectures: []", []string{"architectures: no architecture is given"}},
		{"snapshot", "groups:", "snapshot: yesterday\ngroups:", []string{`p.yaml:8:11: snapshot: "yesterday" is neither "auto" nor a time like 20260102T150405Z`}},
		{"group's name", "  base:", "  Base-1:", []string{"groups.Base-1: a group's name is made of a-z, 0-9 and _"}},
		{"no purpose", "    purpose: everything stands on it\n", "", []string{"groups.base: no purpose is given"}},
		{"no packages", "    packages:\n      libc6: linked with\n", "", []string{"groups.base: no package is given"}},
		{"depends", "depends: all", "depends: some", []string{`groups.base: depends is "some": write all or none`}},
		{"architecture", "architectures: [amd64]", "architectures: [i386]", []string{`p.yaml:11:21: groups.base.architectures.0: architecture "i386" is not among [amd64 arm64]`}},
		{"suite of a group", "depends: all", "depends: all\n    suites: [trusty, trusty-updates]", []string{`p.yaml:14:22: groups.base.suites.1: suite "trusty-updates" is not in the list's suites`}},
		{"package's name", "libc6: linked", "libC6: linked", []string{`p.yaml:15:14: groups.base.packages.libC6: "libC6" is not a package's name`}},
		{"no reason", "libc6: linked with", "libc6: ''", []string{"p.yaml:15:14: groups.base.packages.libc6: no reason is given"}},
		{"no reason to except", "binutils: not needed", "binutils:", []string{"groups.base.except.binutils: no reason is given"}},
		{"except a root", "binutils: not needed", "libc6: not needed", []string{"groups.base.except.libc6: is in packages too"}},
		{"except without depends", "depends: all", "depends: none", []string{"groups.base.except: with depends: none there is nothing to except"}},
		{"include without tree", "tree: true", "tree: false", []string{"include and exclude are for groups with tree: true"}},
		{"absolute pattern", "usr/**", "/usr/**", []string{`p.yaml:18:15: groups.base.include.0: "/usr/**" is not a pattern`}},
		{"odd stars", "usr/**", "usr/a**", []string{`"usr/a**": ** stands alone between slashes`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !strings.Contains(list, tt.old) {
				t.Fatalf("the list has no %q", tt.old)
			}
			_, err := pins.ParseList([]byte(strings.Replace(list, tt.old, tt.change, 1)), "p.yaml")
			for _, part := range tt.want {
				if err == nil || !strings.Contains(err.Error(), part) {
					t.Errorf("error %v, want one with %q", err, part)
				}
			}
		})
	}
}

func TestDigest(t *testing.T) {
	digest := func(text string) string {
		t.Helper()
		l, err := pins.ParseList([]byte(text), "p.yaml")
		if err != nil {
			t.Fatal(err)
		}
		return l.Digest()
	}
	want := digest(list)
	if got := digest("# a remark\n" + strings.Replace(list, "[k.asc]", "\n  - 'k.asc'", 1)); got != want {
		t.Errorf("another layout has digest %s, want %s", got, want)
	}
	if got := digest(strings.Replace(list, "linked with", "another reason", 1)); got == want {
		t.Errorf("another reason has the same digest %s", got)
	}
}
