// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package greeting is an example of a library with templates: they and its Go
// use each other.
package greeting

import "github.com/a-h/templ"

// Languages are what Page greets in: names of languages and the greetings.
type Languages []struct{ Name, Greeting string }

// Page returns a page that greets the named one. The zero value of languages
// greets in none.
func Page(name string, languages Languages) templ.Component {
	return page(name, languages)
}
