// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package server answers requests for stems over HTTP.
package server

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/lupasearch/lupa/services/stem/internal/snowball"
)

// maxWords is how many words one request may ask for.
const maxWords = 100

// An Answer is that to GET /v1/stem.
type Answer struct {
	Language string `json:"language"`
	Stems    []Stem `json:"stems"`
}

// A Stem is what the forms of a word share.
type Stem struct {
	Word string `json:"word"`
	Stem string `json:"stem"`
}

// New returns the service's handler; it is safe for concurrent use.
func New(log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { write(w, log, http.StatusOK, "ok") })
	mux.HandleFunc("GET /v1/languages", func(w http.ResponseWriter, _ *http.Request) {
		write(w, log, http.StatusOK, snowball.Languages())
	})
	mux.HandleFunc("GET /v1/stem", func(w http.ResponseWriter, r *http.Request) {
		status, answer := stem(r)
		if status == http.StatusInternalServerError {
			log.Error("cannot stem", "error", answer)
			answer = problem{"something went wrong here"}
		}
		write(w, log, status, answer)
	})
	return mux
}

type problem struct {
	Error string `json:"error"`
}

// stem decides what to answer.
func stem(r *http.Request) (status int, answer any) {
	query := r.URL.Query()
	words := strings.Fields(query.Get("words"))
	language := query.Get("language")
	switch {
	case len(words) == 0:
		return http.StatusBadRequest, problem{"words is missing; ask for /v1/stem?language=spanish&words=canciones"}
	case len(words) > maxWords:
		return http.StatusBadRequest, problem{"words has more than 100 words; ask several times"}
	}
	stems, err := snowball.Stems(language, words...)
	switch {
	case errors.Is(err, snowball.ErrLanguage):
		return http.StatusBadRequest, problem{err.Error() + "; there are " + strings.Join(snowball.Languages(), ", ")}
	case errors.Is(err, snowball.ErrWord):
		return http.StatusBadRequest, problem{err.Error()}
	case err != nil:
		return http.StatusInternalServerError, err
	}
	found := Answer{Language: language}
	for i, word := range words {
		found.Stems = append(found.Stems, Stem{word, stems[i]})
	}
	return http.StatusOK, found
}

func write(w http.ResponseWriter, log *slog.Logger, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		log.Debug("answer cut off", "error", err)
	}
}
