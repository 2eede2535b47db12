// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const notes = `{"id": 1, "title": "First", "text": "about apples"}
{"id": 2, "title": "Second", "text": "about pears and apples"}
`

func TestLifeOfAService(t *testing.T) {
	dir := t.TempDir()
	config := configuration(t, dir)
	write(t, dir, "notes.jsonl", notes)

	p := start(t, "-config="+config, "-index=true")
	ready := p.await("ready")
	if !strings.Contains(ready.Message, "http://localhost:") {
		t.Errorf("ready says %q, want where to look", ready.Message)
	}
	if a := p.search("apples"); a.Total != 2 || a.Match != "" {
		t.Errorf("answer = %+v", a)
	}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/": 200, "/?q=pears": 200, "/nowhere": 404, "/v1/search": 400} {
		if status, data := p.get(path); status != want {
			t.Errorf("%s: status %d, want %d: %s", path, status, want, data)
		}
	}
	health := []string{"-config=" + config, "-listen=" + strings.TrimPrefix(p.address, "http://"), "-healthcheck"}
	if out, err := lupa(t, health...).CombinedOutput(); err != nil {
		t.Errorf("healthcheck: %v: %s", err, out)
	}
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if code := p.wait(); code != 0 || !strings.Contains(p.log(), `"stopped"`) {
		t.Errorf("exit code %d after SIGTERM; it said:\n%s", code, p.log())
	}
	if out, err := lupa(t, health...).CombinedOutput(); err == nil || !strings.Contains(string(out), "not ready") {
		t.Errorf("healthcheck of a stopped service: %v: %s", err, out)
	}

	// The second start serves the cache, and reads nothing.
	again := start(t, "-config="+config, "-index=true")
	again.await("ready")
	if strings.Contains(again.log(), `"indexing"`) {
		t.Errorf("an unchanged source was indexed again:\n%s", again.log())
	}
	if a := again.search("pears"); a.Total != 1 {
		t.Errorf("answer = %+v", a)
	}
	if err := again.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code := again.wait(); code != 0 {
		t.Errorf("exit code %d after SIGINT", code)
	}

	// A third one, after the source changed, has the change. Without -index it
	// would not.
	write(t, dir, "notes.jsonl", notes+`{"id": 3, "title": "Third", "text": "apples again"}`)
	stale := start(t, "-config="+config, "-index=false")
	stale.await("ready")
	if a := stale.search("apples"); a.Total != 2 {
		t.Errorf("with -index=false: %+v", a)
	}
	fresh := start(t, "-config="+config, "-index=true")
	fresh.await("ready")
	if a := fresh.search("apples"); a.Total != 3 {
		t.Errorf("after a change: %+v", a)
	}
}

func TestWordNet(t *testing.T) {
	dir := t.TempDir()
	config := write(t, dir, "lupa.yaml", fmt.Sprintf(`listen: 127.0.0.1:0
cache: %s
log: {format: json}
collections:
  - name: wordnet
    source: {format: wordnet, path: %s}
    language: en
    fields: [{name: words, weight: 4, multiple: true}, {name: pos, type: string}, {name: gloss}]
`, filepath.Join(dir, "cache"), filepath.Join(runfile(t, "WORDNET"), "usr/share/wordnet")))
	p := start(t, "-config="+config)
	if indexed := p.await("indexed"); indexed.Documents != 117659 {
		t.Errorf("indexed %d documents, WordNet 3.0 has 117659 synsets", indexed.Documents)
	}
	p.await("ready")
	a := p.search("%22Canis+familiaris%22")
	if a.Total != 1 || len(a.Hits) != 1 || a.Hits[0].ID != "n02084071" ||
		fmt.Sprint(a.Hits[0].Fields["words"]) != "[dog domestic dog Canis familiaris]" || a.Hits[0].Fields["pos"] != "noun" ||
		a.Hits[0].Snippets["words"] != "dog, domestic dog, <mark>Canis familiaris</mark>" {
		t.Errorf("answer = %+v", a)
	}
	if a := p.search("what+animal+barks"); a.Match != "any" || a.Total == 0 {
		t.Errorf("a question finds %d, match %q", a.Total, a.Match)
	}
}

// TestKilledWhileIndexing kills the program between its first line about an index
// and the end, and starts it again: it must heal by itself.
func TestKilledWhileIndexing(t *testing.T) {
	dir := t.TempDir()
	config := configuration(t, dir)
	var many strings.Builder
	for i := range 50000 {
		fmt.Fprintf(&many, `{"id": %d, "title": "note %d", "text": "some words in note number %d"}`+"\n", i, i, i)
	}
	write(t, dir, "notes.jsonl", many.String())
	for range 3 {
		p := start(t, "-config="+config)
		p.await("indexing")
		if err := p.command.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		p.wait()
	}
	p := start(t, "-config="+config)
	p.await("ready")
	if a := p.search("number"); a.Total != 50000 {
		t.Errorf("found %d, want 50000", a.Total)
	}
	left, err := filepath.Glob(filepath.Join(dir, "cache/notes/gen-*"))
	if err != nil || len(left) != 1 {
		t.Errorf("in the cache: %v, %v, want one generation", left, err)
	}
}

func TestDamagedCacheIsBuiltAnew(t *testing.T) {
	dir := t.TempDir()
	config := configuration(t, dir)
	write(t, dir, "notes.jsonl", notes)
	first := start(t, "-config="+config)
	first.await("ready")
	if err := first.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	first.wait()
	write(t, dir, "cache/notes/gen-000001.db", "damaged")

	p := start(t, "-config="+config)
	p.await("cached generation cannot be used")
	p.await("ready")
	if a := p.search("apples"); a.Total != 2 {
		t.Errorf("answer = %+v", a)
	}
}

// TestSourceComesLater starts before there is a source: the program stays up,
// says so, and serves once it is there.
func TestSourceComesLater(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "-config="+configuration(t, dir))
	if l := p.await("collection is not up to date"); !strings.Contains(l.Error, "notes.jsonl") {
		t.Errorf("error = %q, want the file's name", l.Error)
	}
	if status, data := p.get("/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz: %d: %s", status, data)
	}
	if status, _ := p.get("/livez"); status != http.StatusOK {
		t.Errorf("livez: %d", status)
	}
	write(t, dir, "notes.jsonl", notes)
	p.await("ready")
	if a := p.search("apples"); a.Total != 2 {
		t.Errorf("answer = %+v", a)
	}
}

// TestEndings has the ways in which the program ends at once: its exit code, and
// what it must say.
func TestEndings(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "notes.jsonl", notes)
	good := configuration(t, dir)
	bad := write(t, dir, "bad.yaml", "listn: x\ncollections:\n  - name: A B\n    source: {format: xml, path: /x}\n    fields: []\n")
	blocked := write(t, dir, "blocked.yaml", strings.Replace(readFile(t, good), filepath.Join(dir, "cache"), filepath.Join(dir, "notes.jsonl", "cache"), 1))
	serving := start(t, "-config="+good)
	serving.await("ready")
	tests := []struct {
		name string
		args []string
		code int
		want []string
	}{
		{"help", []string{"-help"}, 0, []string{"Usage: lupa", "-healthcheck"}},
		{"version", []string{"-version"}, 0, []string{"SQLite 3.", "with FTS5", "go1."}},
		{"check", []string{"-config=" + good, "-check"}, 0, []string{"is valid"}},
		{"no configuration", nil, 2, []string{"-config=FILE is missing"}},
		{"unknown flag", []string{"-conf=x"}, 2, []string{"-conf", "Usage"}},
		{"argument", []string{"-config=" + good, "serve"}, 2, []string{`"serve"`}},
		{"missing file", []string{"-config=/nowhere.yaml"}, 2, []string{"/nowhere.yaml"}},
		{"every error at once", []string{"-config=" + bad, "-check"}, 2, []string{
			bad + ":1:1: unknown key \"listn\"; did you mean \"listen\"?", bad + ":3:", bad + ":4:", "jsonl, csv, tsv, wordnet", bad + ":5:",
		}},
		{"cache cannot be written", []string{"-config=" + blocked}, 1, []string{"cache folder", "user"}},
		{"no index and none wanted", []string{"-config=" + good, "-cache=" + t.TempDir(), "-index=false"}, 1, []string{"-index=true"}},
		{"address taken", []string{"-config=" + good, "-listen=" + strings.TrimPrefix(serving.address, "http://")}, 1, []string{"is taken by another program", "-listen"}},
		{"address wrong", []string{"-config=" + good, "-listen=nonsense"}, 1, []string{"nonsense"}},
		{"not running", []string{"-config=" + good, "-listen=127.0.0.1:1", "-healthcheck"}, 1, []string{"not ready"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, err := lupa(t, test.args...).CombinedOutput()
			code := 0
			if err != nil {
				code = err.(*exec.ExitError).ExitCode() //nolint:errorlint // Run gives this type
			}
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(string(out), want) && !strings.Contains(unquoted(out), want) {
					t.Errorf("it lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// unquoted gives the error of a log line.
func unquoted(out []byte) string {
	var l line
	if err := json.Unmarshal(out, &l); err != nil {
		return ""
	}
	return l.Error
}
