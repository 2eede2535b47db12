// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lupasearch/lupa/libs/pgtest"
)

// victim names the variable that tells this program, started again, how to end.
const victim = "PGTEST_VICTIM"

// TestVictim starts a server and comes to a bad end, if it is told to.
func TestVictim(t *testing.T) {
	how := os.Getenv(victim)
	if how == "" {
		return
	}
	s := pgtest.Start(t)
	fmt.Println("server", s.DSN("postgres"))
	if _, err := io.ReadAll(os.Stdin); err != nil {
		t.Fatal(err)
	}
	switch how {
	case "panic":
		panic("on purpose")
	case "fatal":
		t.Fatal("on purpose")
	case "exit":
		os.Exit(3)
	case "killed":
		select {}
	}
}

// TestNothingStays sees that no process of a server outlives its test.
func TestNothingStays(t *testing.T) {
	for _, how := range []string{"panic", "fatal", "exit", "killed"} {
		t.Run(how, func(t *testing.T) {
			command := exec.Command(os.Args[0], "-test.run=^TestVictim$")
			command.Env = append(os.Environ(), victim+"="+how)
			input, err := command.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			output, err := command.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			folder := serverFolder(t, output)
			defer os.RemoveAll(folder) //nolint:errcheck // whoever can, has done so
			processes := processesIn(t, folder)
			if len(processes) < 4 {
				t.Errorf("the server has processes %v alone", processes)
			}
			if how == "killed" {
				err = command.Process.Kill()
			} else {
				err = input.Close()
			}
			if err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err == nil {
				t.Error("the test ended well")
			}
			waitForNone(t, folder)
			if _, err := os.Stat(folder); err == nil && how == "fatal" {
				t.Errorf("%s is still there", folder)
			}
		})
	}
}

// serverFolder reads where the victim has its server.
func serverFolder(t *testing.T, output io.Reader) string {
	t.Helper()
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if dsn, ok := strings.CutPrefix(lines.Text(), "server "); ok {
			address, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			return address.Query().Get("host")
		}
	}
	t.Fatalf("the victim started no server: %v", lines.Err())
	return ""
}

// processesIn lists the processes that work in a folder.
func processesIn(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, process := range all {
		// Neither is there of a process that has ended.
		cwd, _ := os.Readlink(process + "/cwd")       //nolint:errcheck // see above
		status, _ := os.ReadFile(process + "/status") //nolint:errcheck // see above
		if strings.HasPrefix(cwd, folder+"/") && !bytes.Contains(status, []byte("\nState:\tZ")) {
			found = append(found, process)
		}
	}
	return found
}

func waitForNone(t *testing.T, folder string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		left := processesIn(t, folder)
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("processes %v go on", left)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
