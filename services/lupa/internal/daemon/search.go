// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"github.com/lupasearch/lupa/services/lupa/internal/sqlitestore"
	"github.com/lupasearch/lupa/services/lupa/internal/web"
)

const searchUsage = `Usage: lupa search [flags] WORDS...

Searches from the command line: a running service with -url, or the cache that a
configuration names with -config. -json prints what the API answers.

  lupa search -url=http://localhost:8082 domestic dog
  lupa search -config=/app/lupa.yaml -collection=wordnet -filter=pos:noun dog

Exit codes: 0 when something was found, 1 when nothing was or something failed, 2
when the flags are wrong.

Flags:
`

// A texts collects the values of a flag that may be repeated.
type texts []string

func (t *texts) String() string { return strings.Join(*t, " ") }

// Set adds a value.
func (t *texts) Set(value string) error {
	*t = append(*t, value)
	return nil
}

// searchOptions are the flags of lupa search.
type searchOptions struct {
	url, config, cache, collection, sort string
	filters                              texts
	limit                                int
	json                                 bool
	words                                string
}

// search runs lupa search.
func search(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) int {
	o, code := parseSearch(args, stdout, stderr)
	if code >= 0 {
		return code
	}
	ctx, cancel := context.WithTimeout(ctx, searchTime)
	defer cancel()
	data, err := o.ask(ctx, getenv)
	if err != nil {
		fmt.Fprintln(stderr, "lupa search:", err)
		return exitFail
	}
	var answer searchResult
	if err := json.Unmarshal(data, &answer); err != nil {
		fmt.Fprintf(stderr, "lupa search: this is no answer of Lupa: %v\n", err)
		return exitFail
	}
	if o.json {
		_, err = stdout.Write(data)
	} else {
		err = answer.print(stdout)
	}
	if err != nil || len(answer.Hits) == 0 {
		return exitFail
	}
	return exitOK
}

// searchTime bounds a search from the command line.
const searchTime = 30 * time.Second

func parseSearch(args []string, stdout, stderr io.Writer) (o searchOptions, code int) {
	flags := flag.NewFlagSet("lupa search", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.url, "url", "", "`address` of a running service")
	flags.StringVar(&o.config, "config", "", "configuration `file` whose cache is searched")
	flags.StringVar(&o.cache, "cache", "", "cache `folder` instead of the configuration's")
	flags.StringVar(&o.collection, "collection", "", "`name` of the collection; all by default")
	flags.StringVar(&o.sort, "sort", "", "`fields` to sort by, such as size:desc")
	flags.Var(&o.filters, "filter", "`field:value` that must hold; may be repeated")
	flags.IntVar(&o.limit, "limit", 10, "`number` of hits")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), searchUsage)
		flags.PrintDefaults()
	}
	if slices.ContainsFunc(args, isHelp) {
		flags.SetOutput(stdout)
	}
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return o, exitOK
	case err != nil:
		return o, exitUsage
	}
	o.words = strings.Join(flags.Args(), " ")
	if (o.url == "") == (o.config == "") {
		fmt.Fprintln(stderr, "lupa search: one of -url and -config is wanted; see lupa search -help")
		return o, exitUsage
	}
	return o, -1
}

// target is the address below a service.
func (o searchOptions) target() string {
	v := url.Values{"q": {o.words}, "limit": {fmt.Sprint(o.limit)}}
	for _, f := range o.filters {
		v.Add("filter", f)
	}
	if o.sort != "" {
		v.Set("sort", o.sort)
	}
	if o.collection != "" {
		v.Set("collection", o.collection)
	}
	return "/v1/search?" + v.Encode()
}

// ask gives the answer of a service, or of one that is made for the moment.
func (o searchOptions) ask(ctx context.Context, getenv func(string) string) ([]byte, error) {
	if o.url == "" {
		return o.askCache(ctx, getenv)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(o.url, "/")+o.target(), nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	return data, failed(answer.StatusCode, data)
}

func (o searchOptions) askCache(ctx context.Context, getenv func(string) string) (data []byte, err error) {
	c, err := load(options{config: o.config, cache: o.cache}, getenv)
	if err != nil {
		return nil, err
	}
	log := slog.New(slog.DiscardHandler)
	store, err := sqlitestore.Open(sqlitestore.Options{Dir: c.Cache, Collections: collections(c), Readers: 1, ReadOnly: true, Log: log})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	c.Limits.QueryTime = searchTime
	server, err := web.New(web.Options{Store: store, Limits: c.Limits, Log: log})
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.target(), nil)
	if err != nil {
		return nil, err
	}
	answer := capture{header: make(http.Header)}
	server.ServeHTTP(&answer, request)
	return answer.data, failed(answer.status, answer.data)
}

// A capture is an http.ResponseWriter that keeps what is written.
type capture struct {
	header http.Header
	status int
	data   []byte
}

func (c *capture) Header() http.Header { return c.header }

func (c *capture) WriteHeader(status int) { c.status = status }

func (c *capture) Write(data []byte) (int, error) {
	c.data = append(c.data, data...)
	return len(data), nil
}

// failed makes an error of a problem.
func failed(status int, data []byte) error {
	if status == http.StatusOK {
		return nil
	}
	var problem struct{ Title, Detail string }
	if err := json.Unmarshal(data, &problem); err != nil || problem.Title == "" {
		return fmt.Errorf("status %d: %.200s", status, data)
	}
	return fmt.Errorf("%s: %s", problem.Title, problem.Detail)
}

// searchResult is what is printed of an answer.
type searchResult struct {
	Total         int
	TotalRelation string `json:"total_relation"`
	Match         string
	DidYouMean    string  `json:"did_you_mean"`
	Corrected     string  `json:"corrected_query"`
	TookMS        float64 `json:"took_ms"`
	Hits          []struct {
		Collection, ID string
		Score          float64
		Snippets       map[string]string
	}
}

// cellWidth is how many characters of a snippet are shown.
const cellWidth = 100

// print writes a table. Matches stand between asterisks.
func (r searchResult) print(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)
	if len(r.Hits) > 0 {
		fmt.Fprintln(table, "SCORE\tCOLLECTION\tID\tTEXT")
	}
	for _, h := range r.Hits {
		fields := make([]string, 0, len(h.Snippets))
		for name := range h.Snippets {
			fields = append(fields, name)
		}
		slices.Sort(fields)
		var parts []string
		for _, name := range fields {
			if text := h.Snippets[name]; text != "" {
				parts = append(parts, name+": "+plainText(text))
			}
		}
		fmt.Fprintf(table, "%.3f\t%s\t%s\t%s\n", h.Score, h.Collection, h.ID, cut(strings.Join(parts, " | ")))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	more := ""
	if r.TotalRelation == "gte" {
		more = "at least "
	}
	fmt.Fprintf(to, "%d of %s%d in %.1f ms\n", len(r.Hits), more, r.Total, r.TookMS)
	if r.Corrected != "" {
		fmt.Fprintf(to, "nothing has these words; this is for: %s\n", r.Corrected)
	}
	if r.DidYouMean != "" {
		fmt.Fprintf(to, "did you mean: %s\n", r.DidYouMean)
	}
	return nil
}

// plainText turns a snippet's HTML into text on one line.
func plainText(snippet string) string {
	text := html.UnescapeString(strings.NewReplacer("<mark>", "*", "</mark>", "*").Replace(snippet))
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == ' ' || r == 0x7f }), " ")
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= cellWidth {
		return text
	}
	return string([]rune(text)[:cellWidth-1]) + "…"
}
