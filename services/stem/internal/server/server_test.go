// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package server_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/services/stem/internal/server"
)

func TestRequests(t *testing.T) {
	service := httptest.NewServer(server.New(slog.New(slog.DiscardHandler)))
	t.Cleanup(service.Close)
	tests := []struct {
		request string
		status  int
		want    string // in the answer
	}{
		{"GET /livez", 200, `"ok"`},
		{"GET /v1/languages", 200, `"spanish"`},
		{"GET /v1/stem?language=spanish&words=Canciones", 200, `{"word":"Canciones","stem":"cancion"}`},
		{"GET /v1/stem?language=spanish", 400, "words is missing"},
		{"GET /v1/stem?language=klingon&words=x", 400, `unknown language \"klingon\"; there are`},
		{"GET /v1/stem?words=x", 400, "unknown language"},
		{"GET /v1/stem?language=english&words=" + strings.Repeat("x+", 101), 400, "more than 100 words"},
		{"GET /v1/stem?language=english&words=" + strings.Repeat("x", 2000), 400, "too long"},
		{"GET /v1/stem?language=english&words=%ff%00", 200, `"stem"`},
		{"POST /v1/stem", 405, "Not Allowed"},
		{"GET /nowhere", 404, "not found"},
	}
	for _, test := range tests {
		method, target, _ := strings.Cut(test.request, " ")
		status, text := ask(t, method, service.URL+target)
		if status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%.60s: status %d, want %d with %q: %s", test.request, status, test.status, test.want, text)
		}
	}
}

func TestAnswer(t *testing.T) {
	service := httptest.NewServer(server.New(slog.New(slog.DiscardHandler)))
	t.Cleanup(service.Close)
	_, text := ask(t, http.MethodGet, service.URL+"/v1/stem?language=english&words=searching+Foxes")
	var got server.Answer
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	want := server.Answer{Language: "english", Stems: []server.Stem{{Word: "searching", Stem: "search"}, {Word: "Foxes", Stem: "fox"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func ask(t *testing.T, method, address string) (status int, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}
