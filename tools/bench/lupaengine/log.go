// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package lupaengine

import "sync"

// A log keeps the end of what a program said. It is safe for concurrent use.
type log struct {
	mu   sync.Mutex
	text []byte
}

// maxLog is how many bytes are kept.
const maxLog = 4096

func (l *log) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(append(l.text, line...), '\n')
	if more := len(l.text) - maxLog; more > 0 {
		l.text = l.text[more:]
	}
}

func (l *log) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
