// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strings"
)

// debianModules are the Bazel modules that are Debian packages, by the folder
// they have there below usr/share/bazel.
var debianModules = map[string]string{
	"bazel_features": "tools/features",
	"bazel_skylib":   "tools/skylib",
	"platforms":      "tools/platforms",
	"rules_cc":       "rules/cc",
	"rules_java":     "rules/java",
	"rules_license":  "rules/license",
	"rules_proto":    "rules/proto",
	"rules_python":   "rules/python",
	"rules_shell":    "rules/shell",
}

// ownModules are the Bazel modules in this tree, in tools/airgap/modules.
var ownModules = []string{
	"apple_support",
	"buildozer",
	"package_metadata",
	"protobuf",
	"rules_oci",
	"zlib",
}

// writeStarters writes the program that starts Bazel, and the flags that name
// the modules.
func writeStarters(c config, pins map[string]string, t tree, partial string) error {
	jvm, err := t.jvm()
	if err != nil {
		return err
	}
	starter := fmt.Sprintf(`#!/bin/sh
# The private Bazel, as tools/bazel set it up.
exec %[1]s/usr/bin/bazel --install_base=%[1]s/usr/share/bazel --trust_install_base --server_javabase=%[1]s/%[2]s "$@"
`, t.final, jvm)
	if err := os.WriteFile(filepath.Join(partial, "bazel"), []byte(starter), 0o755); err != nil {
		return err
	}
	var rc strings.Builder
	fmt.Fprintf(&rc, "# %s\n", c.prefix)
	fmt.Fprintf(&rc, "# Written by tools/bazel; removed or stale, it is written again.\n")
	fmt.Fprintf(&rc, "common --lockfile_mode=off\n")
	fmt.Fprintf(&rc, "common --repo_env=LUPA_GO_SDK_ZIP=%s\n", path.Join(c.prefix, "go-sdk.zip"))
	overrides := map[string]string{
		"rules_go": path.Join(c.prefix, "modules/rules_go"),
		"gazelle":  path.Join(c.prefix, "modules/gazelle"),
	}
	for name, dir := range debianModules {
		if _, err := os.Stat(filepath.Join(t.root, "usr/share/bazel", dir, "MODULE.bazel")); err != nil {
			return fmt.Errorf("%v; the suite %s has changed: name an earlier day of the archive in LUPA_BAZEL_SNAPSHOT", err, pins["SUITE"])
		}
		overrides[name] = path.Join(t.final, "usr/share/bazel", dir)
	}
	for _, name := range ownModules {
		overrides[name] = "%workspace%/tools/airgap/modules/" + name
	}
	for _, name := range sortedKeys(overrides) {
		fmt.Fprintf(&rc, "common --override_module=%s=%s\n", name, overrides[name])
	}
	return os.WriteFile(filepath.Join(partial, "airgap.bazelrc"), []byte(rc.String()), 0o644)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
