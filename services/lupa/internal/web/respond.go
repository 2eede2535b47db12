// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/lupasearch/lupa/services/lupa/internal/catalog"
)

// A handler looks at a request and returns what to answer, or an error. It
// writes nothing itself, so that an error is never half an answer.
type handler func(*http.Request) (response, error)

// A response is what is to be written.
type response struct {
	kind   string // content type
	value  any    // to be written as JSON, where data is nil
	data   []byte
	etag   string // "" for none
	noTag  bool   // holds for this moment only
	cached string // Cache-Control, "" for the usual
	fresh  bool   // the client has it already: 304
	// stream is written instead of data, and closed; it has length bytes.
	stream io.ReadCloser
	length int64
}

func asJSON(value any) response { return response{kind: "application/json", value: value} }

func plain(text string) response {
	return response{kind: "text/plain; charset=utf-8", data: []byte(text), noTag: true}
}

// uncached marks a response that must not be kept, where so.
func (r response) uncached(so bool) response {
	r.noTag = r.noTag || so
	return r
}

func (r response) body() ([]byte, error) {
	if r.data != nil || r.value == nil {
		return r.data, nil
	}
	return encode(r.value)
}

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

// Codes of errors that only HTTP knows.
const (
	codeMethod    catalog.Code = "method_not_allowed"
	codeTooLarge  catalog.Code = "too_large"
	codeMediaType catalog.Code = "unsupported_media_type"
)

// problems maps codes to what HTTP says. A code that is not here is internal.
var problems = map[catalog.Code]struct {
	status int
	title  string
}{
	catalog.CodeInvalid:     {http.StatusBadRequest, "The request is wrong"},
	codeUnauthorized:        {http.StatusUnauthorized, "This needs a token"},
	catalog.CodeNotFound:    {http.StatusNotFound, "There is no such thing"},
	codeMethod:              {http.StatusMethodNotAllowed, "Wrong method"},
	catalog.CodeGone:        {http.StatusGone, "No longer there"},
	codeTooLarge:            {http.StatusRequestEntityTooLarge, "The request is too long"},
	codeMediaType:           {http.StatusUnsupportedMediaType, "Wrong kind of body"},
	catalog.CodeUnavailable: {http.StatusServiceUnavailable, "Not now"},
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

// route makes a handler an http.Handler: the one place that writes answers, makes
// errors into problems, counts and logs. methods are those that it answers.
func (s *Server) route(name string, h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		s.metrics.inFlight.Inc()
		defer s.metrics.inFlight.Dec()
		id := newRequestID(r.Header.Get("X-Request-Id"))
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		answer, err := s.call(h, r)
		var data []byte
		if err == nil {
			data, err = answer.body()
		}
		status := http.StatusOK
		header := w.Header()
		if err != nil {
			p := problemOf(err, id)
			status = p.Status
			answer, data = response{kind: "application/problem+json", noTag: true}, mustEncode(p)
			switch status {
			case http.StatusServiceUnavailable:
				header.Set("Retry-After", "1")
			case http.StatusUnauthorized:
				header.Set("WWW-Authenticate", "Bearer")
			case http.StatusMethodNotAllowed:
				header.Set("Allow", s.allowed(r))
			}
		}
		s.setHeaders(header, answer, id)
		if answer.fresh {
			status = http.StatusNotModified
		} else {
			header.Set("Content-Type", answer.kind)
			header.Set("Content-Length", strconv.FormatInt(max(answer.length, int64(len(data))), 10))
		}
		w.WriteHeader(status)
		if r.Method != http.MethodHead && !answer.fresh {
			_, writeErr := w.Write(data)
			err = errors.Join(err, writeErr)
		}
		if answer.stream != nil {
			if r.Method != http.MethodHead {
				err = errors.Join(err, send(w, answer.stream))
			}
			err = errors.Join(err, answer.stream.Close())
		}
		took := time.Since(started)
		s.metrics.answered(name, r.Method, status, took)
		s.logRequest(r, id, status, took, err)
	})
}

// policy lets a page load and ask from here only.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func (s *Server) setHeaders(header http.Header, answer response, id string) {
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Request-Id", id)
	switch {
	case answer.cached != "":
		header.Set("Cache-Control", answer.cached)
	case answer.noTag:
		header.Set("Cache-Control", "no-store")
	default:
		header.Set("Cache-Control", "private, max-age=0, must-revalidate")
	}
	if answer.etag != "" && !answer.noTag {
		header.Set("ETag", answer.etag)
	}
}

// tagged answers with a tag made of the collection's generation and what is asked
// for – "" for all collections – and without asking make where the client has that
// already.
func (s *Server) tagged(r *http.Request, collection string, make func() (response, error)) (response, error) {
	tag := s.tag(r, collection)
	if matches(r.Header.Get("If-None-Match"), tag) {
		return response{etag: tag, fresh: true}, nil
	}
	answer, err := make()
	// While it was made, another generation may have come.
	if err == nil && s.tag(r, collection) == tag {
		answer.etag = tag
	}
	return answer, err
}

func (s *Server) tag(r *http.Request, collection string) string {
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s?%s\x00%s", r.URL.Path, r.URL.RawQuery, s.version)
	now := time.Now()
	for _, status := range s.store.Status() {
		if collection == "" || collection == status.Collection.Name {
			step, _ := status.Collection.Recency.Step(now)
			fmt.Fprintf(hash, "\x00%s %s %d %d", status.Collection.Name, status.Generation, status.Built.UnixNano(), step)
		}
	}
	return fmt.Sprintf(`W/"%016x"`, hash.Sum64())
}

// matches tells whether a tag is in a list of them. Weak ones compare as strong.
func matches(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || one != "" && strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

type requestIDKey struct{}

// requestID gives the id of a request under way.
func requestID(r *http.Request) string {
	id, _ := r.Context().Value(requestIDKey{}).(string) //nolint:errcheck // "" elsewhere
	return id
}

var requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// newRequestID keeps the id that a proxy gave, where it is of a form that can be
// logged, or makes one.
func newRequestID(given string) string {
	if requestIDForm.MatchString(given) {
		return given
	}
	return rand.Text()[:12]
}

// call turns a panic into an error.
func (s *Server) call(h handler, r *http.Request) (answer response, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return h(r)
}

func mustEncode(p problem) []byte {
	data, err := encode(p)
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	return data
}

// allowed lists the methods of an address.
func (s *Server) allowed(r *http.Request) string {
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		probe := r.Clone(r.Context())
		probe.Method = method
		var match mux.RouteMatch
		if s.router.Match(probe, &match) && match.MatchErr == nil {
			if method == http.MethodGet {
				return "GET, HEAD"
			}
			return method
		}
	}
	return ""
}

// logRequest writes a line per request, without what was searched for.
func (s *Server) logRequest(r *http.Request, id string, status int, took time.Duration, err error) {
	args := []any{"method", r.Method, "path", r.URL.Path, "status", status, "ms", milliseconds(took), "request_id", id}
	switch {
	case status == http.StatusInternalServerError:
		s.log.Error("request", append(args, "error", err)...)
	case err != nil:
		s.log.Info("request", append(args, "error", err)...)
	default:
		s.log.Debug("request", args...)
	}
}
