// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package corpus

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/metric"
)

// ReadQueries reads judged queries, one a line, of four parts with tabs between:
// id, kind, text, and documents with their grades as in "n02084071=2 n01322604=1".
// Empty lines and those that begin with '#' are passed over.
func ReadQueries(r io.Reader) ([]Query, error) {
	var queries []Query
	scanner := bufio.NewScanner(r)
	for number := 1; scanner.Scan(); number++ {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Split(line, "\t")
		if len(parts) != 4 {
			return nil, fmt.Errorf("line %d: %d parts; id, kind, text and documents are wanted, with tabs between", number, len(parts))
		}
		relevant, err := judgements(parts[3])
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		queries = append(queries, Query{parts[0], parts[1], parts[2], relevant})
	}
	return queries, scanner.Err()
}

func judgements(text string) (metric.Judgements, error) {
	all := make(metric.Judgements)
	for _, pair := range strings.Fields(text) {
		id, grade, found := strings.Cut(pair, "=")
		n, err := strconv.Atoi(grade)
		if !found || err != nil || n < 1 {
			return nil, fmt.Errorf("%q: a document, '=' and a grade from 1 are wanted", pair)
		}
		if _, repeated := all[id]; repeated {
			return nil, fmt.Errorf("document %q is judged twice", id)
		}
		all[id] = n
	}
	return all, nil
}
