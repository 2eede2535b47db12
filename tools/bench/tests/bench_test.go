// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package tests runs the benchmarks' program as people do, on small collections.
package tests

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/report"
)

// bench runs the program in an empty folder and returns what it printed.
func bench(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	program, err := runfiles.Rlocation("_main/tools/bench/cmd/bench/bench_release/bench")
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	c := exec.Command(program, args...)
	c.Stdout, c.Stderr = &out, &errs
	variables, err := runfiles.Env()
	if err != nil {
		t.Fatal(err)
	}
	c.Env = append(os.Environ(), variables...)
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), c.ProcessState.ExitCode()
}

// collection writes a collection in CISI's form: query 1 is held out, 2 is not.
func collection(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{
		"CISI.ALL": ".I 1\n.T\nApples\n.W\nRound fruit\n.I 2\n.T\nBoxes\n.W\nHold fruit\n.I 3\n.T\nCars\n.W\nDrive\n",
		"CISI.QRY": ".I 1\n.W\ncars\n.I 2\n.W\napples\n",
		"CISI.REL": "1 3 0 0\n2 1 0 0\n2 2 0 0\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestRelevance(t *testing.T) {
	dir := collection(t)
	// For 'apples', one of two relevant documents is found, at the first rank; for
	// 'cars' the only one is.
	for half, want := range map[string][]any{
		"tune":    {"lupa", 1 / (1 + 1/math.Log2(3)), 0.5, 1.0, 1.0, nil, nil},
		"holdout": {"lupa", 1.0, 1.0, 1.0, 1.0, nil, nil},
	} {
		file := filepath.Join(t.TempDir(), "report.json")
		stdout, stderr, code := bench(t, "relevance", "-only=cisi", "-cisi="+dir, "-holdout="+map[string]string{"tune": "false", "holdout": "true"}[half], "-o="+file)
		if code != 0 {
			t.Fatalf("exit code %d: %s", code, stderr)
		}
		var r report.Report
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		if r.Facts["CISI's queries"] != half {
			t.Errorf("facts %v, want the half %s", r.Facts, half)
		}
		rows := make(map[string][]any)
		for _, row := range r.Tables[0].Rows {
			rows[row[0].(string)] = row
		}
		if diff := cmp.Diff(want, rows["lupa"]); diff != "" {
			t.Errorf("%s: lupa (-want +got):\n%s", half, diff)
		}
		if rows["fts5 porter OR"] == nil || rows["postgres: missing: no address given"] == nil {
			t.Errorf("a peer has no line:\n%s", stdout)
		}
	}
}

// Every query of the list finds something, in Lupa and in its peers; how fast is
// not for a test to say.
func TestLatency(t *testing.T) {
	stdout, stderr, code := bench(t, "latency", "-rounds=2", "-warmup=0")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, line := range []string{
		"lupa, search         all        80 ", "lupa, /livez         all        80 ", "FTS5, ORDER BY rank  all        80 ",
		"FTS5, ids first      all        80 ", "FTS5, ids first      all words  ", "  all        40      ", "  all words  ",
	} {
		if !strings.Contains(stdout, line) {
			t.Errorf("no line %q in:\n%s", line, stdout)
		}
	}
}

// A small list in Debian's form is typed and completed.
func TestSuggest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "Contents")
	if err := os.WriteFile(file, []byte("usr/share/fonts  x11/fonts\nusr/share/icons  x11/icons\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code := bench(t, "suggest", "-contents="+file, "-words=2", "-rounds=3")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	for _, line := range []string{"documents: 2\n", "the first time  ", "again           "} {
		if !strings.Contains(stdout, line) {
			t.Errorf("no line %q in:\n%s", line, stdout)
		}
	}
}

// What keeps Lupa from starting is shown.
func TestLupaThatEnds(t *testing.T) {
	program, err := runfiles.Rlocation("_main/tools/bench/cmd/bench/bench_release/bench")
	if err != nil {
		t.Fatal(err)
	}
	_, stderr, code := bench(t, "relevance", "-only=cisi", "-cisi="+collection(t), "-lupa="+program)
	if code != 1 || !strings.Contains(stderr, "lupa ended before it served") || !strings.Contains(stderr, "there is no benchmark") {
		t.Errorf("exit code %d, %s; want 1 and what the program said", code, stderr)
	}
	_, stderr, code = bench(t, "relevance", "-only=cisi", "-cisi="+collection(t), "-set=nonsense: 1")
	if code != 1 || !strings.Contains(stderr, "nonsense") {
		t.Errorf("exit code %d, %s; want 1 and Lupa's word on its configuration", code, stderr)
	}
}

func TestCommandLine(t *testing.T) {
	tests := []struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		{nil, 2, "", "Usage: "},
		{[]string{"-help"}, 0, "relevance", ""},
		{[]string{"none"}, 2, "", `there is no benchmark "none"`},
		{[]string{"relevance", "-help"}, 0, "", "-holdout"},
		{[]string{"suggest", "-help"}, 0, "", "Contents-amd64.gz"},
		{[]string{"suggest", "-contents=/none"}, 1, "", "/none"},
		{[]string{"suggest", "-rounds=1"}, 1, "", "-rounds 2"},
		{[]string{"latency", "-field=words"}, 2, "", "NAME=SETTINGS is wanted"},
		{[]string{"latency", "-rounds=0"}, 1, "", "-rounds is 1 at least"},
		{[]string{"relevance", "rest"}, 2, "", `takes flags only, not "rest"`},
		{[]string{"relevance", "-o=x.txt"}, 2, "", "ends in .md or .json"},
		{[]string{"relevance", "-only=x"}, 1, "", "-only is wordnet or cisi"},
		{[]string{"relevance", "-only=cisi", "-cisi=" + collection(t), "-without=x,question"}, 1, "", "leaves no query"},
		{[]string{"relevance", "-only=cisi", "-cisi=/none"}, 1, "", "/none/CISI.ALL"},
		{[]string{"relevance", "-only=cisi", "-cisi=" + collection(t), "-lupa=/none"}, 1, "", "/none"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			stdout, stderr, code := bench(t, test.args...)
			if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
				t.Errorf("exit code %d, %q, %q; want %d, %q, %q", code, stdout, stderr, test.code, test.stdout, test.stderr)
			}
		})
	}
}
