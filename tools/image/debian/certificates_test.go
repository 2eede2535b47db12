// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lupasearch/lupa/tools/apt/deb/debtest"
)

// certificate makes an authority's certificate.
func certificate(t *testing.T, name string) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true,
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestCertificates(t *testing.T) {
	const dir = "./usr/share/ca-certificates/mozilla/"
	a, b := certificate(t, "a"), certificate(t, "b")
	for _, c := range []struct {
		name  string
		files []debtest.File
		want  string
		err   string // part of the error
	}{
		{name: "by name", files: []debtest.File{{Name: dir}, {Name: dir + "b.crt", Content: b}, {Name: dir + "a.crt", Content: a}}, want: a + b},
		{name: "line ends", files: []debtest.File{{Name: dir + "a.crt", Content: strings.TrimSpace(a)}, {Name: dir + "b.crt", Content: b + "\n\n"}}, want: a + b},
		{name: "other files", files: []debtest.File{
			{Name: "./usr/share/doc/x/local.crt", Content: "no certificate"},
			{Name: dir + "README", Content: "no certificate"},
			{Name: dir + "a.crt", Content: a},
			{Name: dir + "z.crt", Symlink: "a.crt"},
		}, want: a},
		{name: "no PEM", files: []debtest.File{{Name: dir + "a.crt", Content: "x"}}, err: "mozilla/a.crt: is not one PEM certificate"},
		{name: "two in one", files: []debtest.File{{Name: dir + "a.crt", Content: a + b}}, err: "a.crt: is not one PEM certificate"},
		{name: "a key", files: []debtest.File{{Name: dir + "a.crt", Content: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}}, err: "is not one PEM certificate"},
		{name: "no certificate in the PEM", files: []debtest.File{{Name: dir + "a.crt", Content: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}}, err: "a.crt: x509"},
		{name: "none", files: []debtest.File{{Name: "./usr/bin/hello"}}, err: "is it the package ca-certificates?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, err := debtest.Tar(c.files...)
			got, err := Certificates(write(t, "data.tar", data, err))
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("got error %v, want one with %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got)); diff != "" {
				t.Errorf("bundle (-want +got):\n%s", diff)
			}
		})
	}
}
