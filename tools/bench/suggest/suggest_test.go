// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package suggest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/bench/corpus"
	"github.com/lupasearch/lupa/tools/bench/lupaengine"
	"github.com/lupasearch/lupa/tools/bench/suggest"
)

func TestKeystrokes(t *testing.T) {
	c := &corpus.Collection{Documents: []corpus.Document{{Values: []string{"usr/share/Fonts", "x11 fonts-ü"}}}}
	got := suggest.Keystrokes(c, 1)
	slices.Sort(got)
	// One word, and it is the first one: "share" or "fonts".
	if len(got) != 5 || !slices.Contains([]string{"share", "fonts"}, got[4]) {
		t.Errorf("one word typed: %q, want the beginnings of share or fonts", got)
	}
	two := suggest.Keystrokes(c, 2)
	if !slices.ContainsFunc(two, func(text string) bool { return strings.Contains(text, " ") }) {
		t.Errorf("two words typed: %q, want one after another word", two)
	}
	if diff := cmp.Diff(two, suggest.Keystrokes(c, 2)); diff != "" {
		t.Errorf("the same again (-first +second):\n%s", diff)
	}
	if got := suggest.Keystrokes(&corpus.Collection{}, 5); got != nil {
		t.Errorf("of nothing: %q", got)
	}
}

// serve answers as Lupa would, and counts what it is asked.
func serve(t *testing.T, answer string) (*lupaengine.Server, map[string]int) {
	t.Helper()
	asked := make(map[string]int)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked[r.URL.String()]++
		fmt.Fprint(w, answer)
	}))
	t.Cleanup(s.Close)
	return &lupaengine.Server{Address: s.Listener.Addr().String()}, asked
}

func TestMeasure(t *testing.T) {
	server, asked := serve(t, `{"suggestions":[{"text":"share"}]}`)
	r, err := suggest.Measure(context.Background(), server, "a/b", []string{"s", "usr s"}, 3)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"/v1/collections/a%2Fb/suggest?q=s": 3, "/v1/collections/a%2Fb/suggest?q=usr+s": 3}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
	rows := r.Tables[0].Rows
	if rows[0][1] != 2 || rows[1][1] != 4 || r.Facts["texts completed"] != "2" {
		t.Errorf("%v, %v; want 2 first times, 4 others, 2 completed", rows, r.Facts)
	}
}

func TestMeasureErrors(t *testing.T) {
	for answer, want := range map[string]string{
		`{"suggestions":[]}`:            "none of 1 texts was completed",
		`{"suggestions":[{"text":""}]}`: `suggestions for "s": one without a text`,
		`nothing`:                       `suggestions for "s": `,
	} {
		server, _ := serve(t, answer)
		if _, err := suggest.Measure(context.Background(), server, "c", []string{"s"}, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want one with %q", answer, err, want)
		}
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, err := suggest.Measure(context.Background(), &lupaengine.Server{Address: server.Listener.Addr().String()}, "c", []string{"s"}, 2)
	if err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("not found: error %v, want one with 404", err)
	}
}
