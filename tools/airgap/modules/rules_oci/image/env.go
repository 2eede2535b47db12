// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"regexp"
	"strings"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/layout"
)

type variable struct{ key, value string }

// baseEnv returns the environment that config has so far.
func baseEnv(config *jsontree.Object) []variable {
	array, _ := layout.Child(config, "config").Get("Env").([]any)
	var env []variable
	for _, element := range array {
		text, _ := element.(string)
		key, value, _ := strings.Cut(text, "=")
		env = append(env, variable{key, value})
	}
	return env
}

// mergeEnv sets the KEY=VALUE lines of text in env, where each value may refer
// to the variables before it. An empty line is a variable without name and
// value; only the end of the last line may be left out.
func mergeEnv(env []variable, text string) []any {
	lines := strings.Split(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		env = setVariable(env, variable{key, expand(value, env)})
	}
	list := []any{}
	for _, v := range env {
		list = append(list, v.key+"="+v.value)
	}
	return list
}

func setVariable(env []variable, v variable) []variable {
	for i := range env {
		if env[i].key == v.key {
			env[i].value = v.value
			return env
		}
	}
	return append(env, v)
}

// A brace may be missing on either side; a dollar that no name follows is a
// dollar.
var reference = regexp.MustCompile(`\$\{?([a-zA-Z0-9_]+)\}?`)

// expand replaces references by values, and by nothing where env lacks the
// name. A name that a base defines twice stands for both values.
func expand(text string, env []variable) string {
	expanded := reference.ReplaceAllStringFunc(text, func(match string) string {
		name := reference.FindStringSubmatch(match)[1]
		var value strings.Builder
		for _, v := range env {
			if v.key == name {
				value.WriteString(v.value)
			}
		}
		return value.String()
	})
	return strings.TrimRight(expanded, "\n")
}
