// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package race_test proves that the race detector, which is C, works in programs
// that the toolchain links.
package race_test

import (
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	_ "github.com/mattn/go-sqlite3" // C code in the same program
)

// racyVariable asks the test binary to race with itself.
const racyVariable = "RACE_TEST_RACY"

func TestDetectorFindsRace(t *testing.T) {
	if os.Getenv(racyVariable) != "" {
		race()
		return
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-test.run=^TestDetectorFindsRace$")
	command.Env = append(os.Environ(), racyVariable+"=1", "TESTBRIDGE_TEST_ONLY=")
	output, err := command.CombinedOutput()
	if err == nil {
		t.Errorf("racy program succeeded, want it to fail")
	}
	if !strings.Contains(string(output), "WARNING: DATA RACE") {
		t.Errorf("racy program printed no data race:\n%s", output)
	}
}

// race writes one variable from two goroutines at once.
func race() {
	var group sync.WaitGroup
	counter := 0
	for range 2 {
		group.Go(func() {
			for range 1000 {
				counter++
			}
		})
	}
	group.Wait()
	if counter == 0 {
		panic("nothing counted")
	}
}
