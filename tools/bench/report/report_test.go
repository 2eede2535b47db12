// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package report_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/report"
)

func example() *report.Report {
	t := report.Table{Title: "speed", Columns: []report.Column{{Name: "engine"}, {Name: "p50", Unit: "ms", Digits: 2}, {Name: "n"}}}
	t.Add("lupa", 0.12345, 7)
	t.Add("a|b: missing", nil, nil)
	return &report.Report{Benchmark: "latency", Facts: map[string]string{"Go": "go1", "CPUs": "4"}, Tables: []report.Table{t}, Notes: []string{"Note."}}
}

func TestText(t *testing.T) {
	want := "latency\n  CPUs: 4\n  Go: go1\n\nspeed\n  engine        p50 (ms)  n\n  lupa          0.12      7\n  a|b: missing  –         –\n\nNote.\n"
	if diff := cmp.Diff(want, example().Text()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMarkdown(t *testing.T) {
	want := "# latency\n- CPUs: 4\n- Go: go1\n\n## speed\n\n| engine | p50 (ms) | n |\n| --- | --- | --- |\n| lupa | 0.12 | 7 |\n| a\\|b: missing | – | – |\n\nNote.\n"
	if diff := cmp.Diff(want, example().Markdown()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "r.json")
	if err := example().Write(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got report.Report
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	// All digits, and a value that there is not as null.
	want := [][]any{{"lupa", 0.12345, 7.0}, {"a|b: missing", nil, nil}}
	if diff := cmp.Diff(want, got.Tables[0].Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	file = filepath.Join(dir, "r.md")
	if err := example().Write(file); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != example().Markdown() {
		t.Errorf("Markdown file: %q, %v", data, err)
	}
	if err := example().Write(filepath.Join(dir, "r.txt")); err == nil || !strings.Contains(err.Error(), ".json or .md") {
		t.Errorf("r.txt: error %v, want one that names the endings", err)
	}
}

func TestAddPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic for a row that is too short")
		}
	}()
	example().Tables[0].Add("one")
}
