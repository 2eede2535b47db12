// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A handler looks at a request and returns what to answer, or an error. It
// writes nothing itself, so that an error is never half an answer.
type handler func(*http.Request) (response, error)

// A response is something that can be written.
type response interface {
	contentType() string
	body() ([]byte, error)
}

type plain string

func (plain) contentType() string     { return "text/plain; charset=utf-8" }
func (p plain) body() ([]byte, error) { return []byte(p), nil }

type asJSON struct{ value any }

func (asJSON) contentType() string { return "application/json" }

func (j asJSON) body() ([]byte, error) { return encode(j.value) }

// encode leaves <, > and & as they are: what is HTML in an answer was escaped.
func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return b.Bytes(), err
}

// problem is an RFC 9457 object. Type is stable, for programs.
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Code      string `json:"code"`
	RequestID string `json:"request_id"`
}

func (problem) contentType() string     { return "application/problem+json" }
func (p problem) body() ([]byte, error) { return encode(p) }

const codeMethod catalog.Code = "method_not_allowed"

var errMethod = catalog.Errorf(codeMethod, "this address answers GET and HEAD only")

// problems maps codes to what HTTP says. A code that is not here is internal.
var problems = map[catalog.Code]struct {
	status int
	title  string
}{
	catalog.CodeInvalid:     {http.StatusBadRequest, "The request is wrong"},
	catalog.CodeNotFound:    {http.StatusNotFound, "There is no such thing"},
	codeMethod:              {http.StatusMethodNotAllowed, "Wrong method"},
	catalog.CodeUnavailable: {http.StatusServiceUnavailable, "Not ready"},
	catalog.CodeTimeout:     {http.StatusServiceUnavailable, "The search took too long"},
}

func problemOf(err error, id string) problem {
	code := catalog.CodeOf(err)
	known, ok := problems[code]
	if !ok {
		return problem{
			"urn:lupa:problem:internal", "Something went wrong here",
			http.StatusInternalServerError, "The log has the cause under this request id.", string(catalog.CodeInternal), id,
		}
	}
	var e *catalog.Error
	errors.As(err, &e)
	return problem{"urn:lupa:problem:" + string(code), known.title, known.status, e.Message, string(code), id}
}

// wrap makes a handler an http.Handler: the one place that writes answers, makes
// errors into problems, and logs.
func (s *Server) wrap(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		id := rand.Text()[:12]
		answer, err := s.call(h, r)
		var data []byte
		if err == nil {
			data, err = answer.body()
		}
		status := http.StatusOK
		if err != nil {
			p := problemOf(err, id)
			status = p.Status
			if data, answer = mustBody(p), p; status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", "1")
			}
			if status == http.StatusMethodNotAllowed {
				w.Header().Set("Allow", "GET, HEAD")
			}
		}
		header := w.Header()
		header.Set("Content-Type", answer.contentType())
		header.Set("Content-Length", strconv.Itoa(len(data)))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Content-Security-Policy", policy)
		header.Set("X-Request-Id", id)
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			_, writeErr := w.Write(data)
			err = errors.Join(err, writeErr)
		}
		s.logRequest(r, id, status, time.Since(started), err)
	})
}

// policy lets a page load from here only, and run nothing that is not a file.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// call turns a panic into an error.
func (s *Server) call(h handler, r *http.Request) (answer response, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h(r)
}

func mustBody(p problem) []byte {
	data, err := p.body()
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	return data
}

// logRequest writes a line per request, without what was searched for.
func (s *Server) logRequest(r *http.Request, id string, status int, took time.Duration, err error) {
	args := []any{"method", r.Method, "path", r.URL.Path, "status", status, "ms", float64(took.Microseconds()) / 1000, "request_id", id}
	switch {
	case status == http.StatusInternalServerError:
		s.log.Error("request", append(args, "error", err)...)
	case err != nil:
		s.log.Info("request", append(args, "error", err)...)
	default:
		s.log.Debug("request", args...)
	}
}
