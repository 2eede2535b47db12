// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// Keys for Press that are no letters.
const (
	ArrowDown = kb.ArrowDown
	ArrowUp   = kb.ArrowUp
	Backspace = kb.Backspace
	Enter     = kb.Enter
	Escape    = kb.Escape
	Tab       = kb.Tab
)

// Press types each text, letter by letter, into what has the focus. Keys that
// are no letters have constants.
func (p *Page) Press(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		for _, r := range text {
			for _, event := range strokes(r) {
				call(p, input.DispatchKeyEvent, event)
			}
		}
	}
}

// strokes returns the key's way down and up. The letter is part of the way down,
// as with a keyboard: a page that cancels the one gets no other.
func strokes(r rune) []input.DispatchKeyEventParams {
	var down, up input.DispatchKeyEventParams
	for _, event := range kb.Encode(r) {
		switch event.Type {
		case kb.KeyDown:
			down = *event
			down.Type = input.DispatchKeyEventTypeKeyDown
		case kb.KeyChar:
			down.Text, down.UnmodifiedText = event.Text, event.UnmodifiedText
		case kb.KeyUp:
			up = *event
		}
	}
	return []input.DispatchKeyEventParams{down, up}
}
