// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A collection's folder holds complete generations, named gen-N.db, and a file
// CURRENT with the name of the one that is served. What a builder works on ends
// in .partial.
const (
	currentFile   = "CURRENT"
	generationFmt = "gen-%06d.db"
	partialSuffix = ".partial"
)

// readCurrent gives the name that CURRENT holds; "" where there is none.
func readCurrent(dir string) (string, error) {
	data, err := os.ReadFile(filepath.Join(dir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	name := strings.TrimSpace(string(data))
	if generationNumber(name) == 0 {
		return "", fmt.Errorf("%s holds %q, which is no generation's name", filepath.Join(dir, currentFile), name)
	}
	return name, nil
}

// writeCurrent names a generation in CURRENT. After a crash the file has the old
// name or the new one.
func writeCurrent(dir, name string) error {
	partial := filepath.Join(dir, currentFile+partialSuffix)
	f, err := os.OpenFile(partial, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(name + "\n")
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(partial, filepath.Join(dir, currentFile)); err != nil {
		return err
	}
	return syncPath(dir)
}

// syncPath makes a file's content, or a folder's names, durable.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// generationNumber reads N of gen-N.db; 0 where name is none.
func generationNumber(name string) int {
	digits, ok := strings.CutPrefix(name, "gen-")
	digits, ok2 := strings.CutSuffix(digits, ".db")
	n, err := strconv.Atoi(digits)
	if !ok || !ok2 || err != nil || n < 1 {
		return 0
	}
	return n
}

// nextGeneration is a name that no file in dir has, or had since the last start.
func nextGeneration(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	highest := 0
	for _, entry := range entries {
		highest = max(highest, generationNumber(strings.TrimSuffix(entry.Name(), partialSuffix)))
	}
	return fmt.Sprintf(generationFmt, highest+1), nil
}

// removeLeftovers deletes what builders and generations of earlier runs left:
// everything but CURRENT, and the generation it names with its log.
func removeLeftovers(dir, current string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		name := entry.Name()
		of := name
		for _, suffix := range []string{walSuffix, shmSuffix, "-journal", partialSuffix} {
			of = strings.TrimSuffix(of, suffix)
		}
		if number, _, ok := strings.Cut(of, ".db."); ok && of != name { // made to be handed out
			of = number + ".db"
		}
		ours := of == currentFile && of != name || generationNumber(of) > 0
		kept := name == current || name == current+walSuffix || name == current+shmSuffix
		if ours && !kept {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}
