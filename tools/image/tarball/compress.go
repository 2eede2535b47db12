// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package tarball

import (
	"compress/gzip"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Compress wraps w: "gzip", "zstd" or "none". The output depends on the input
// and the pinned versions of Go and the library only: no time, no name, one
// thread. Closing the result does not close w.
func Compress(w io.Writer, format string) (io.WriteCloser, error) {
	switch format {
	case "gzip":
		return gzip.NewWriterLevel(w, gzip.BestCompression)
	case "zstd":
		return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	case "none":
		return plain{w}, nil
	}
	return nil, fmt.Errorf("unknown compression %q; gzip, zstd and none are known", format)
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }
