// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package entrypoint is what a container with PostgreSQL starts: it makes the
// database the first time, and then becomes the server.
//
// It understands the variables of the image "postgres" on Docker Hub that
// compose files commonly set, so that either image serves.
package entrypoint

import (
	"fmt"
	"os"
	"strings"
)

// Settings are what the environment says.
type Settings struct {
	// Data is the data folder, PGDATA.
	Data string
	// User is the superuser's name, POSTGRES_USER; "postgres" by default.
	User string
	// Password is the superuser's, POSTGRES_PASSWORD. It is empty only where
	// nobody is asked for one.
	Password string
	// Database is made for the superuser, POSTGRES_DB; by default it has their
	// name.
	Database string
	// HostAuth is how those who come by TCP prove who they are,
	// POSTGRES_HOST_AUTH_METHOD; "scram-sha-256" by default.
	HostAuth string
	// InitArgs are further arguments of initdb, POSTGRES_INITDB_ARGS, separated
	// by blanks.
	InitArgs []string
	// Scripts is a folder of *.sql to run when the database is made.
	Scripts string
}

// Read reads the settings. Of user, password and database NAME_FILE may name a
// file instead.
func Read(getenv func(string) string) (Settings, error) {
	s := Settings{
		Data:     getenv("PGDATA"),
		HostAuth: getenv("POSTGRES_HOST_AUTH_METHOD"),
		InitArgs: strings.Fields(getenv("POSTGRES_INITDB_ARGS")),
		Scripts:  "/docker-entrypoint-initdb.d",
	}
	for name, value := range map[string]*string{
		"POSTGRES_USER": &s.User, "POSTGRES_PASSWORD": &s.Password, "POSTGRES_DB": &s.Database,
	} {
		var err error
		if *value, err = read(getenv, name); err != nil {
			return Settings{}, err
		}
	}
	if s.Data == "" {
		s.Data = "/var/lib/postgresql/data"
	}
	if s.User == "" {
		s.User = "postgres"
	}
	if s.Database == "" {
		s.Database = s.User
	}
	if s.HostAuth == "" {
		s.HostAuth = "scram-sha-256"
	}
	return s, nil
}

// read is a variable's value, or the content of the file that NAME_FILE names.
func read(getenv func(string) string, name string) (string, error) {
	value, file := getenv(name), getenv(name+"_FILE")
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", fmt.Errorf("both %s and %s_FILE are set; which is meant?", name, name)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%s_FILE: %w", name, err)
	}
	return strings.TrimRight(string(text), "\r\n"), nil
}

// check says what is missing to make a database.
func (s Settings) check() error {
	if s.Password == "" && s.HostAuth != "trust" {
		return fmt.Errorf("no password for user %q: set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, or POSTGRES_HOST_AUTH_METHOD=trust to ask nobody for one", s.User)
	}
	return nil
}

// Command is what to become, given a container's arguments: the server by
// default, with further flags of it, or another program of the image.
func Command(args []string) []string {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return append([]string{"postgres"}, args...)
	}
	return args
}
