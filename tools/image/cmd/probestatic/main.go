// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command probestatic is the probe without the C library, for images that have
// none: Go asks for names by itself.
package main

import (
	"net"
	"os"

	"github.com/lupasearch/lupa/tools/image/probe"
)

func main() {
	os.Exit(probe.Main(net.LookupHost, os.Stdout))
}
