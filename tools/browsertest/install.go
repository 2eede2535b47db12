// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package browsertest

import (
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/bazelbuild/rules_go/go/runfiles"
	"github.com/chromedp/chromedp"
)

// tree is the runfile with the packages of the browser; BUILD.bazel sets it.
var tree string

// Paths in the tree.
const (
	loader  = "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
	program = "usr/lib/chromium/chromium-headless-shell"
	fonts   = "usr/share/fonts"
)

// libraries are folders in the tree. The last is where one of them looks for
// another by an absolute path.
var libraries = []string{"lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio"}

// An installation is a browser that can be started, in a folder of its own.
type installation struct {
	// folder holds the launcher, the fonts' configuration, and the profile.
	folder string
	// group is the group of its processes, or zero if there are none.
	group int
}

// install makes an installation in the folder. Chromium is started by the loader
// that comes with it, so that it uses no library of the machine. It looks for
// its data beside the program that runs, which then is the loader: hence a copy
// of that with links to the data. For its child processes it starts a program
// by name, which must be the launcher again.
func install(folder string) (*installation, error) {
	if tree == "" {
		return nil, errors.New("no browser: this test must be run by Bazel, which brings one")
	}
	root, err := runfiles.Rlocation(tree)
	if err != nil {
		return nil, err
	}
	in := &installation{folder: folder}
	data, err := filepath.Glob(filepath.Join(root, filepath.Dir(program), "*"))
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(in.path("bin"), 0o755); err != nil {
		return nil, err
	}
	for _, file := range data {
		if err := os.Symlink(file, in.path("bin/"+filepath.Base(file))); err != nil {
			return nil, err
		}
	}
	start, err := os.ReadFile(filepath.Join(root, loader))
	if err != nil {
		return nil, fmt.Errorf("no browser: %w", err)
	}
	return in, errors.Join(
		os.WriteFile(in.path("bin/loader"), start, 0o755),
		os.WriteFile(in.path("chromium"), []byte(in.launcher(root)), 0o755),
		os.WriteFile(in.path("fonts.conf"), []byte(in.fonts(root)), 0o644),
	)
}

func (in *installation) path(name string) string { return filepath.Join(in.folder, name) }

// launcher is the text of the script that starts Chromium.
func (in *installation) launcher(root string) string {
	var where []string
	for _, l := range libraries {
		where = append(where, filepath.Join(root, l))
	}
	words := []string{
		in.path("bin/loader"), "--inhibit-cache", "--library-path", strings.Join(where, ":"),
		"--argv0", in.path("chromium"), filepath.Join(root, program),
	}
	for i, w := range words {
		words[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return "#!/bin/sh\nexec " + strings.Join(words, " ") + " \"$@\"\n"
}

// fonts is the text of the fonts' configuration: those of the tree alone, and
// which of them stands for the general names that pages ask for.
func (in *installation) fonts(root string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"urn:fontconfig:fonts.dtd\">\n<fontconfig>\n")
	fmt.Fprintf(&b, "<dir>%s</dir>\n", html.EscapeString(filepath.Join(root, fonts)))
	fmt.Fprintf(&b, "<cachedir>%s</cachedir>\n", html.EscapeString(in.path("fonts.cache")))
	for _, f := range [][2]string{
		{"sans-serif", "DejaVu Sans"},
		{"system-ui", "DejaVu Sans"},
		{"serif", "DejaVu Serif"},
		{"monospace", "DejaVu Sans Mono"},
	} {
		fmt.Fprintf(&b, "<alias binding=\"same\"><family>%s</family><prefer><family>%s</family></prefer></alias>\n", f[0], f[1])
	}
	b.WriteString("</fontconfig>\n")
	return b.String()
}

// options says how to start the browser. What it writes goes to output.
func (in *installation) options(output io.Writer) []chromedp.ExecAllocatorOption {
	options := append([]chromedp.ExecAllocatorOption{}, chromedp.DefaultExecAllocatorOptions[:]...)
	options = append(options,
		chromedp.ExecPath(in.path("chromium")),
		chromedp.UserDataDir(in.path("profile")),
		chromedp.CombinedOutput(output),
		chromedp.NoInheritEnv,
		chromedp.Env(
			"HOME="+in.folder, "TMPDIR="+in.folder, "XDG_CONFIG_HOME="+in.folder, "XDG_CACHE_HOME="+in.folder,
			"FONTCONFIG_FILE="+in.path("fonts.conf"), "LANG=C", "TZ=UTC",
			// Sockets that are not there, in place of the machine's.
			"DBUS_SYSTEM_BUS_ADDRESS=unix:path="+in.path("bus"), "DBUS_SESSION_BUS_ADDRESS=unix:path="+in.path("bus"),
		),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
		}),
	)
	for name, value := range map[string]any{
		// Child processes by the launcher: the zygote would start the loader.
		"browser-subprocess-path": in.path("chromium"),
		"no-zygote":               true,
		// Pages are our own, and a test's sandbox has no privileges to give up.
		"no-sandbox": true,
		// Pictures are painted without a graphics card and its libraries.
		"in-process-gpu":              true,
		"disable-gpu":                 true,
		"disable-software-rasterizer": true,
		// The same pictures everywhere.
		"font-render-hinting": "none",
		"hide-scrollbars":     true,
		"lang":                "en-US",
		// Names other than loopback's end nowhere.
		"host-resolver-rules":      "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]",
		"disable-component-update": true,
		"no-pings":                 true,
	} {
		options = append(options, chromedp.Flag(name, value))
	}
	return options
}

// end stops what is left of the browser, and waits until it is gone, so that
// nothing writes into the folder when it is removed.
func (in *installation) end() error {
	if in.group == 0 {
		return nil
	}
	gone := func() bool { return errors.Is(syscall.Kill(-in.group, syscall.SIGKILL), syscall.ESRCH) }
	if !until(gone) {
		return errors.New("its processes go on")
	}
	return nil
}

// until says whether the condition came true in time.
func until(condition func() bool) bool {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(patience)
	for !condition() {
		select {
		case <-ticker.C:
		case <-timeout:
			return false
		}
	}
	return true
}
