// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package jsontree_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/airgap/modules/rules_oci/jsontree"
)

func TestRoundTrip(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"order and numbers", `{"b":1.10,"a":-0,"c":12345678901234567890}`, "{\n  \"b\": 1.10,\n  \"a\": -0,\n  \"c\": 12345678901234567890\n}"},
		{"empty containers", `{"o":{},"a":[ ],"n":null,"t":true}`, "{\n  \"o\": {},\n  \"a\": [],\n  \"n\": null,\n  \"t\": true\n}"},
		{"nesting", `{"a":[{"b":[1,[2]]}]}`, "{\n  \"a\": [\n    {\n      \"b\": [\n        1,\n        [\n          2\n        ]\n      ]\n    }\n  ]\n}"},
		{"escapes", `{"k":"\"\\\/\b\f\n\r\t\u0001\u007f\u003c\u2028é🙂"}`, "{\n  \"k\": \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f<\u2028é🙂\"\n}"},
		{"lone surrogate", `{"k":"\ud800"}`, "{\n  \"k\": \"\ufffd\"\n}"},
		{"key twice", `{"a":1,"b":2,"a":3}`, "{\n  \"a\": 3,\n  \"b\": 2\n}"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			object, err := jsontree.ParseObject([]byte(test.in))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(jsontree.Encode(object))); diff != "" {
				t.Errorf("encoding of %s (-want +got):\n%s", test.in, diff)
			}
		})
	}
}

func TestParseObjectRefuses(t *testing.T) {
	for _, in := range []string{"", "[]", "null", "{} {}", `{"a":1e3}`, `{"a":}`, `{"a"`, "{\"a\":\"\xff\"}"} {
		if object, err := jsontree.ParseObject([]byte(in)); err == nil {
			t.Errorf("ParseObject(%q) = %s, want an error", in, jsontree.Encode(object))
		}
	}
}

func TestMerge(t *testing.T) {
	tests := []struct{ name, into, from, merged, added string }{
		{"new keys last", `{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`, `{"a":1,"b":2}`},
		{"kept place", `{"a":1,"b":2}`, `{"a":3}`, `{"a":3,"b":2}`, `{"a":3,"b":2}`},
		{"deep", `{"a":{"x":1,"y":2}}`, `{"a":{"y":3,"z":4}}`, `{"a":{"x":1,"y":3,"z":4}}`, `{"a":{"y":3,"z":4}}`},
		{"arrays replaced", `{"a":[1]}`, `{"a":[]}`, `{"a":[]}`, `{"a":[]}`},
		{"null replaces", `{"a":{"x":1}}`, `{"a":null}`, `{"a":null}`, `{"a":null}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			merged, added := parse(t, test.into), parse(t, test.into)
			merged.Merge(parse(t, test.from))
			added.Add(parse(t, test.from))
			if diff := cmp.Diff(encode(t, test.merged), string(jsontree.Encode(merged))); diff != "" {
				t.Errorf("Merge (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(encode(t, test.added), string(jsontree.Encode(added))); diff != "" {
				t.Errorf("Add (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDelete(t *testing.T) {
	o := parse(t, `{"a":1,"b":2,"c":3}`)
	o.Delete("a")
	o.Delete("missing")
	o.Set("a", "again")
	if diff := cmp.Diff([]string{"b", "c", "a"}, o.Keys()); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func parse(t *testing.T, text string) *jsontree.Object {
	t.Helper()
	object, err := jsontree.ParseObject([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func encode(t *testing.T, text string) string {
	t.Helper()
	return string(jsontree.Encode(parse(t, text)))
}
