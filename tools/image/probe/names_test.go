// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"
)

// TestServeNames asks by Go's own resolver.
func TestServeNames(t *testing.T) {
	server, err := serveNames("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if got, err := resolver.LookupHost(ctx, DNSName+"."); err != nil || !slices.Equal(got, []string{DNSAddr}) {
		t.Errorf("%s is %q, %v, want %s", DNSName, got, err, DNSAddr)
	}
	if got, err := resolver.LookupHost(ctx, "nowhere.lupa.test."); err == nil {
		t.Errorf("a name that nobody has is %q", got)
	}
}

func TestAnswerToNonsense(t *testing.T) {
	for _, message := range []string{"", "short", "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3fcut", "\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xc0\x0c"} {
		if got := answer([]byte(message)); got != nil {
			t.Errorf("answer to %q is %q, want none", message, got)
		}
	}
}
