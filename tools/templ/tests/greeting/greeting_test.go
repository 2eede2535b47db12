// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package greeting_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/templ/tests/greeting"
)

func TestPage(t *testing.T) {
	languages := greeting.Languages{{"Spanish", "Hola"}, {`"French"`, "Salut"}}
	var got strings.Builder
	if err := greeting.Page("<b>you</b>", languages).Render(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	want := `<!doctype html><html lang="en"><head><title>2 greetings for &lt;b&gt;you&lt;/b&gt;</title></head><body>` +
		`<p title="Spanish">Hola, &lt;b&gt;you&lt;/b&gt;</p>` +
		`<p title="&#34;French&#34;">Salut, &lt;b&gt;you&lt;/b&gt;</p></body></html>`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("page (-want +got):\n%s", diff)
	}
}
