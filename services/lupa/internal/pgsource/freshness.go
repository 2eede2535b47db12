// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"time"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/replication"
)

// A mark tells how long the server's log was at a moment.
type logMark struct {
	lsn replication.LSN
	at  time.Time
}

// A freshness tells up to which moment all is known, from how long the log was at
// some moments. The earliest mark that was not reached yet and the latest one are
// kept.
type freshness struct {
	reached, next, last logMark
}

// note remembers how long the log was.
func (f *freshness) note(m logMark) {
	if f.next.at.IsZero() {
		f.next = m
	}
	f.last = m
}

// through gives the moment up to which all is known, when the log was read up to
// an LSN, and all of that was handed over.
func (f *freshness) through(read replication.LSN, all bool) time.Time {
	if !all {
		return f.reached.at
	}
	for range 2 {
		if f.next.at.IsZero() || f.next.lsn > read {
			break
		}
		f.reached = f.next
		if f.next = f.last; f.last.at.Equal(f.reached.at) {
			f.next = logMark{}
		}
	}
	return f.reached.at
}

// The log is written in pages that begin with a header of one of two sizes.
const (
	logPage    = 8192
	pageHeader = 40
)

// logEnd is the end of what was written, where the server tells where it writes
// next: behind a page's header already, which a reader comes to only with what is
// written there. For pages of another size than logPage, some of them as large,
// it is the place itself or a little before.
func logEnd(next replication.LSN) replication.LSN {
	if in := next % logPage; in <= pageHeader {
		return next - in
	}
	return next
}
