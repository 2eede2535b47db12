// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command jail is the helper of package jail, which starts it in new namespaces.
// It is of no use by itself.
package main

import (
	"fmt"
	"os"

	"github.com/lupasearch/lupa/tools/image/jail"
)

func main() {
	err := jail.Enter(os.Args[1:])
	fmt.Fprintln(os.Stderr, "jail:", err)
	os.Exit(126)
}
