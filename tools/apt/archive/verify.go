// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// A Keyring holds the public keys that may sign releases. The zero value holds
// none and verifies nothing.
type Keyring struct {
	entities openpgp.EntityList
}

// ReadKeyring reads ASCII-armored public keys from files, of which the map holds
// the content by name. Only keys whose fingerprints (40 hexadecimal digits) are
// wanted get in; a wanted one that no file holds is an error.
func ReadKeyring(files map[string][]byte, wanted []string) (Keyring, error) {
	var ring Keyring
	missing := slices.Clone(wanted)
	for name, data := range files {
		list, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(data))
		if err != nil {
			return Keyring{}, fmt.Errorf("read key %s: %w", name, err)
		}
		for _, e := range list {
			id := fingerprint(e)
			if !slices.Contains(wanted, id) {
				continue
			}
			missing = slices.DeleteFunc(missing, func(m string) bool { return m == id })
			ring.entities = append(ring.entities, e)
		}
	}
	if len(missing) > 0 {
		return Keyring{}, fmt.Errorf("no key file holds the fingerprint %s of signed_by", missing[0])
	}
	return ring, nil
}

func fingerprint(e *openpgp.Entity) string {
	return strings.ToUpper(hex.EncodeToString(e.PrimaryKey.Fingerprint))
}

// Verify reads an InRelease file. At least one key of the ring must have signed
// it; only the signed text counts. Keys are judged as of now.
func (k Keyring) Verify(inRelease []byte, now time.Time) (*Release, error) {
	block, trailer := clearsign.Decode(inRelease)
	if block == nil {
		return nil, fmt.Errorf("no signed text in %d bytes: not an InRelease file, or truncated", len(inRelease))
	}
	if len(bytes.TrimSpace(trailer)) > 0 {
		return nil, fmt.Errorf("%d bytes after the signature", len(trailer))
	}
	config := &packet.Config{Time: func() time.Time { return now }}
	signer, err := block.VerifySignature(k.entities, config)
	if err != nil {
		return nil, fmt.Errorf("signature: %w (known keys: %s)", err, strings.Join(k.fingerprints(), ", "))
	}
	r, err := parseRelease(block.Plaintext)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(inRelease)
	r.SHA256 = hex.EncodeToString(sum[:])
	r.SignedBy = fingerprint(signer)
	return r, nil
}

func (k Keyring) fingerprints() []string {
	var out []string
	for _, e := range k.entities {
		out = append(out, fingerprint(e))
	}
	slices.Sort(out)
	return out
}
