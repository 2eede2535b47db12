// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package probe uses, from inside of an image, what programs ask a system for:
// names of hosts, users and ports, authorities, time zones, a folder for temporary
// files. It is what the programs cmd/probe and cmd/probestatic run.
package probe

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/user"
	"slices"
	"strings"
	"time"
)

// Names are what the jail's own name server knows, and its hosts file.
const (
	DNSName   = "dns.lupa.test"
	DNSAddr   = "192.0.2.7"
	HostsName = "hosts.lupa.test"
	HostsAddr = "192.0.2.9"
)

// A Lookup finds the addresses of a host.
type Lookup func(host string) ([]string, error)

// A check is one thing that must work.
type check struct {
	name string
	run  func() error
}

// Main runs all checks and says what does not work. The result is the exit code.
func Main(lookup Lookup, out io.Writer) int {
	server, err := serveNames("127.0.0.1:53")
	if err != nil {
		fmt.Fprintln(out, "name server:", err)
		return 1
	}
	defer server.Close() //nolint:errcheck // the process ends
	failed := 0
	for _, c := range []check{
		{"name from the hosts file", func() error { return resolves(lookup, HostsName, HostsAddr) }},
		{"name from DNS", func() error { return resolves(lookup, DNSName, DNSAddr) }},
		{"name that nobody has", func() error { return resolvesNot(lookup, "nowhere.lupa.test") }},
		{"authorities", authorities},
		{"time zones", zones},
		{"user", nonroot},
		{"port by name", portByName},
		{"root folder", protected},
	} {
		if err := c.run(); err != nil {
			fmt.Fprintf(out, "%s: %v\n", c.name, err)
			failed++
		}
	}
	if failed > 0 {
		return 1
	}
	fmt.Fprintln(out, "names, authorities, time zones, users and ports work")
	return 0
}

func resolves(lookup Lookup, host, want string) error {
	got, err := lookup(host)
	if err != nil {
		return err
	}
	if !slices.Contains(got, want) {
		return fmt.Errorf("%s is %q, want %s", host, got, want)
	}
	return nil
}

func resolvesNot(lookup Lookup, host string) error {
	if got, err := lookup(host); err == nil {
		return fmt.Errorf("%s is %q, want an error", host, got)
	}
	return nil
}

// authorities sees that the system's pool has the certificates of its file: one
// that signed itself is valid by the pool.
func authorities() error {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return err
	}
	data, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err != nil {
		return err
	}
	count := 0
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return err
		}
		_, err = certificate.Verify(x509.VerifyOptions{
			CurrentTime: certificate.NotBefore.Add(time.Hour), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}, Roots: pool,
		})
		if unknown := (x509.UnknownAuthorityError{}); errors.As(err, &unknown) {
			return fmt.Errorf("%s: %w", certificate.Subject, err)
		}
		count++
	}
	if count <= 100 {
		return fmt.Errorf("%d of them, want more than 100", count)
	}
	return nil
}

func zones() error {
	noon := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"UTC": "12:00 UTC", "Europe/Madrid": "14:00 CEST", "America/New_York": "08:00 EDT", "Asia/Kolkata": "17:30 IST", "GB": "13:00 BST",
	} {
		location, err := time.LoadLocation(zone)
		if err != nil {
			return err
		}
		if got := noon.In(location).Format("15:04 MST"); got != want {
			return fmt.Errorf("noon in %s is %s, want %s", zone, got, want)
		}
	}
	return nil
}

func nonroot() error {
	me, err := user.Current()
	if err != nil {
		return err
	}
	if me.Username != "nonroot" || me.HomeDir != "/home/nonroot" {
		return fmt.Errorf("is %q at %q, want nonroot at /home/nonroot", me.Username, me.HomeDir)
	}
	return nil
}

func portByName() error {
	port, err := net.DefaultResolver.LookupPort(context.Background(), "tcp", "postgresql")
	if err == nil && port != 5432 {
		err = fmt.Errorf("postgresql is %d, want 5432", port)
	}
	return err
}

// protected sees that the probe is in a jail at all.
func protected() error {
	if err := os.WriteFile("/probe", nil, 0o600); err == nil || !strings.Contains(err.Error(), "read-only") {
		return fmt.Errorf("writing to / gives %v, want a read-only file system", err)
	}
	return nil
}
