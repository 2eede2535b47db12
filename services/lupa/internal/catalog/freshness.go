// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import "time"

// A Phase is what is being done to keep a collection equal to its source.
type Phase string

// The phases there are.
const (
	// PhaseWaiting: nothing was done yet.
	PhaseWaiting Phase = "waiting"
	// PhaseLoading: the source is read as a whole.
	PhaseLoading Phase = "loading"
	// PhaseFollowing: changes are applied as they come, or the source is looked at
	// from time to time.
	PhaseFollowing Phase = "following"
	// PhaseRetrying: something failed, and is tried again after a while.
	PhaseRetrying Phase = "retrying"
)

// Freshness says how far a collection follows its source. The zero value is of a
// collection that nobody brings up to date.
type Freshness struct {
	Mode  string // how changes come: a Feed's, or "reload"
	Phase Phase
	// Current is the moment up to which all that was committed in the source is here;
	// zero where that is unknown.
	Current time.Time
	Behind  int64     // changes known to wait; below 0 where that is unknown
	Success time.Time // when the source answered last; zero for never
	Error   string    // what went wrong last; "" where nothing did since the start
	Failed  time.Time // when that was
	Applied int64     // changes applied since the start
	Loads   int64     // times that the source was read as a whole since the start
	Errors  int64     // times that something failed since the start
}

// Lag is how long ago the copy was known to be equal; ok is false where that is
// unknown.
func (f Freshness) Lag(now time.Time) (lag time.Duration, ok bool) {
	if f.Current.IsZero() {
		return 0, false
	}
	return max(0, now.Sub(f.Current)), true
}
