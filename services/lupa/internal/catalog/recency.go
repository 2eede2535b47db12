// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import "time"

// recencySteps is into how many steps the half-life is divided.
const recencySteps = 256

// Step gives the step of time that now is in, and where it began. Within a step
// the recency of documents does not change, so that answers do not, either. It is
// 0 where there is no recency.
func (r Recency) Step(now time.Time) (step int64, began time.Time) {
	if r.Field == "" {
		return 0, time.Time{}
	}
	length := max(r.HalfLife/recencySteps, time.Second)
	step = now.UnixNano() / int64(length)
	return step, time.Unix(0, step*int64(length))
}
