// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package archivetest is a Debian archive in memory, for tests: suites that are
// signed by a key of its own and served over HTTP.
package archivetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ulikunitz/xz"
)

// A Key signs releases.
type Key struct {
	entity *openpgp.Entity
	// Fingerprint has 40 hexadecimal digits, Public is ASCII-armored.
	Fingerprint string
	Public      []byte
}

// NewKey makes a key that is valid from the time.
func NewKey(from time.Time) (*Key, error) {
	config := &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return from }}
	e, err := openpgp.NewEntity("Test Archive", "", "archive@example.com", config)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := armor.Encode(&b, openpgp.PublicKeyType, nil)
	if err != nil {
		return nil, err
	}
	if err := e.Serialize(w); err != nil {
		return nil, err
	}
	err = w.Close()
	return &Key{entity: e, Fingerprint: strings.ToUpper(hex.EncodeToString(e.PrimaryKey.Fingerprint)), Public: b.Bytes()}, err
}

// Sign returns the text in the form of an InRelease file.
func (k *Key) Sign(text string, at time.Time) ([]byte, error) {
	var b bytes.Buffer
	w, err := clearsign.Encode(&b, k.entity.PrivateKey, &packet.Config{Time: func() time.Time { return at }})
	if err != nil {
		return nil, err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, err
	}
	err = w.Close()
	b.WriteByte('\n')
	return b.Bytes(), err
}

// A Suite is what a test says about a suite.
type Suite struct {
	Codename         string
	Date, ValidUntil time.Time
	// Packages holds the text of the list of packages per architecture.
	Packages map[string]string
}

// Files returns the files of the suite by their paths below the archive.
func (s Suite) Files(key *Key) (map[string][]byte, error) {
	files := map[string][]byte{}
	text := fmt.Sprintf("Codename: %s\nDate: %s\nAcquire-By-Hash: yes\n", s.Codename, stamp(s.Date))
	if !s.ValidUntil.IsZero() {
		text += "Valid-Until: " + stamp(s.ValidUntil) + "\n"
	}
	text += "SHA256:\n"
	for _, arch := range slices.Sorted(maps.Keys(s.Packages)) {
		var b bytes.Buffer
		w, err := xz.NewWriter(&b)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(s.Packages[arch])); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(b.Bytes())
		digest := hex.EncodeToString(sum[:])
		dir := "main/binary-" + arch + "/"
		text += fmt.Sprintf(" %s %d %sPackages.xz\n", digest, b.Len(), dir)
		files["dists/"+s.Codename+"/"+dir+"by-hash/SHA256/"+digest] = b.Bytes()
	}
	release, err := key.Sign(text, s.Date)
	files["dists/"+s.Codename+"/InRelease"] = release
	return files, err
}

func stamp(t time.Time) string {
	return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 UTC")
}

// Entry is one entry of a list of packages; the checksum follows from the name
// and the version. fields are further lines.
func Entry(name, version, arch string, fields ...string) string {
	sum := sha256.Sum256([]byte(name + version + arch))
	lines := append([]string{
		"Package: " + name, "Version: " + version, "Architecture: " + arch,
		"Filename: pool/" + name + "_" + version + "_" + arch + ".deb",
		"Size: 1000", "SHA256: " + hex.EncodeToString(sum[:]),
	}, fields...)
	return strings.Join(lines, "\n") + "\n\n"
}

// Handler serves files by path.
func Handler(files map[string][]byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data, ok := files[strings.TrimPrefix(r.URL.Path, "/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Write(data)
	})
}
