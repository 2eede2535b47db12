// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config

import "strings"

// Descriptions counts the keys that have one.
func Descriptions() int { return len(descriptions) }

// Keys lists the keys that have a value, as they are written in the documentation.
func Keys() []string {
	var all []string
	for path := range descriptions {
		section := path == "" || strings.HasSuffix(path, "[]")
		for other := range descriptions {
			section = section || strings.HasPrefix(other, path+".") || strings.HasPrefix(other, path+"[]")
		}
		if section {
			continue
		}
		if rest, ok := strings.CutPrefix(path, "collections[]."); ok && rest != "name" {
			path = "…." + rest
		}
		all = append(all, path)
	}
	return all
}
