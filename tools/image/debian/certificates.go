// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package debian

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/lupasearch/lupa/tools/apt/deb"
)

// Certificates joins the certificates of the package ca-certificates into the
// bundle that update-ca-certificates makes when it is installed: every .crt file
// below usr/share/ca-certificates, by name.
func Certificates(data string) ([]byte, error) {
	files, closer, err := deb.OpenData(data)
	if err != nil {
		return nil, err
	}
	found, err := certificateFiles(files)
	if err = errors.Join(err, closer.Close()); err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%s holds no certificate below usr/share/ca-certificates; is it the package ca-certificates?", data)
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	var bundle bytes.Buffer
	for _, name := range names {
		if err := checkCertificate(found[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		bundle.Write(bytes.TrimRight(found[name], "\n"))
		bundle.WriteByte('\n')
	}
	return bundle.Bytes(), nil
}

func certificateFiles(files *tar.Reader) (map[string][]byte, error) {
	found := make(map[string][]byte)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(path.Clean("/"+header.Name), "/")
		if header.Typeflag != tar.TypeReg || path.Ext(name) != ".crt" || !strings.HasPrefix(name, "usr/share/ca-certificates/") {
			continue
		}
		if found[name], err = io.ReadAll(files); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
}

// checkCertificate wants exactly one certificate that can be read.
func checkCertificate(data []byte) error {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" || len(bytes.TrimSpace(rest)) > 0 {
		return errors.New("is not one PEM certificate")
	}
	_, err := x509.ParseCertificate(block.Bytes)
	return err
}
