// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package lupaengine

import (
	"errors"
	"flag"
	"strings"

	"github.com/lupasearch/lupa/tools/bench/place"
)

// Flags declares the flags for an engine, which has their values once they are
// read.
func Flags(fs *flag.FlagSet) *Engine {
	e := &Engine{Fields: make(map[string]string)}
	place.LupaFlag(fs, &e.Program)
	fs.Func("set", "further `YAML` for Lupa's collections, such as 'ranking: …'; may be given again", func(line string) error {
		e.Settings += line + "\n"
		return nil
	})
	fs.Func("field", "YAML for a field where there is one, as in `NAME='exact: 0.5'`, in place of the benchmark's; may be given again", func(text string) error {
		name, settings, found := strings.Cut(text, "=")
		if !found || name == "" {
			return errors.New("NAME=SETTINGS is wanted")
		}
		e.Fields[name] = settings
		return nil
	})
	return e
}
