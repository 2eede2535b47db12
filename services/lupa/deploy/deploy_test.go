// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package deploy tests the configurations that operators start from: each is read
// by Lupa's own reader, and names variables that are there.
package deploy

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/lupasearch/lupa/services/lupa/internal/config"
)

// read reads one of the files beside this test.
func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// parse reads a configuration, with variables from an environment.
func parse(t *testing.T, name string, text []byte, env map[string]string) config.Config {
	t.Helper()
	file, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Parse(file, text, func(name string) string { return env[name] })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestFiles(t *testing.T) {
	parse(t, "lupa.yaml", read(t, "lupa.yaml"), nil)
}

var variable = regexp.MustCompile(`(?m)^([A-Z_]+)=(.*)$`)

// TestCompose sees that the example of an environment has what is needed.
func TestCompose(t *testing.T) {
	env := make(map[string]string)
	for _, match := range variable.FindAllStringSubmatch(string(read(t, "compose.env.example")), -1) {
		env[match[1]] = match[2]
	}
	c := parse(t, "compose.lupa.yaml", read(t, "compose.lupa.yaml"), env)
	want := "postgres://" + env["POSTGRES_USER"] + ":" + env["POSTGRES_PASSWORD"] + "@postgres:5432/" + env["POSTGRES_DB"] + "?sslmode=disable"
	if got := env[c.Collections[0].Postgres.DSNEnv]; got != want {
		t.Errorf("the database is %q, and Lupa looks for it at %q", want, got)
	}
}

func TestKubernetes(t *testing.T) {
	var settings corev1.ConfigMap
	var secret corev1.Secret
	if err := yaml.UnmarshalStrict(read(t, "kubernetes/configmap.yaml"), &settings); err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalStrict(read(t, "kubernetes/secret.yaml"), &secret); err != nil {
		t.Fatal(err)
	}
	c := parse(t, "configmap.yaml", []byte(settings.Data["lupa.yaml"]), secret.StringData)
	if name := c.Collections[0].Postgres.DSNEnv; secret.StringData[name] == "" {
		t.Errorf("the secret has no %s", name)
	}
	if c.Listen != ":8082" || c.Cache != "/app/cache" {
		t.Errorf("it listens at %s and writes to %s, where pods have nothing", c.Listen, c.Cache)
	}
}
