// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgsource

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/lupasearch/lupa/services/lupa/internal/pgsource/row"
)

// Times within which a peer that is gone is noticed.
const (
	connectTime   = 10 * time.Second
	keepIdle      = 4 * time.Second
	keepInterval  = 2 * time.Second
	keepCount     = 3
	unansweredFor = 10 * time.Second
)

// dsn reads the connection string.
func (s *Source) dsn() (string, error) {
	if s.o.DSNFile != "" {
		data, err := os.ReadFile(s.o.DSNFile)
		if err != nil {
			return "", fmt.Errorf("connection string: %w", err)
		}
		return strings.TrimSpace(string(data)), nil
	}
	if s.o.Getenv != nil {
		if dsn := s.o.Getenv(s.o.DSNEnv); dsn != "" {
			return dsn, nil
		}
	}
	return "", fmt.Errorf("variable %s, which should have the connection string, is not set", s.o.DSNEnv)
}

// settings parses the connection string. What is wrong with it is not told word by
// word, as a word of it may be the password.
func (s *Source) settings() (*pgx.ConnConfig, error) {
	dsn, err := s.dsn()
	if err != nil {
		return nil, err
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		place := "file " + s.o.DSNFile
		if s.o.DSNFile == "" {
			place = "variable " + s.o.DSNEnv
		}
		return nil, fmt.Errorf("the connection string in %s cannot be read; postgres://user:password@host:5432/database?sslmode=verify-full"+
			" is wanted, with %%XX for special characters of the password, or host=… user=… password='…' dbname=…", place)
	}
	config.ConnectTimeout = connectTime
	config.DialFunc = dialer().DialContext
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "lupa " + s.o.Collection
	}
	config.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		return conn.Exec(ctx, row.Settings).Close()
	}
	return config, nil
}

// dialer makes connections that fail soon when the peer is gone.
func dialer() *net.Dialer {
	const tcpUserTimeout = 0x12 // TCP_USER_TIMEOUT of Linux, which package syscall lacks
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepCount},
		Control: func(network, _ string, c syscall.RawConn) error {
			if !strings.HasPrefix(network, "tcp") {
				return nil
			}
			var err error
			controlErr := c.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpUserTimeout, int(unansweredFor/time.Millisecond))
			})
			return errors.Join(controlErr, err)
		},
	}
}

// connect opens a connection.
func (s *Source) connect(ctx context.Context) (*pgx.Conn, error) {
	return s.connectNotified(ctx, func() {})
}

// connectNotified opens a connection that calls notified for each notification.
func (s *Source) connectNotified(ctx context.Context, notified func()) (*pgx.Conn, error) {
	config, err := s.settings()
	if err != nil {
		return nil, err
	}
	config.OnNotification = func(*pgconn.PgConn, *pgconn.Notification) { notified() }
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return nil, s.scrub("connect", err)
	}
	return conn, nil
}

// disconnect closes a connection, without waiting for long.
func disconnect(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn.Close(ctx) //nolint:errcheck // nothing is left to be saved
}

// A scrubbed error hides the password in what it says.
type scrubbed struct {
	message string
	err     error
}

func (e *scrubbed) Error() string { return e.message }

func (e *scrubbed) Unwrap() error { return e.err }

// scrub says where an error is from, takes passwords out of it, and adds what can
// be done. nil stays nil.
func (s *Source) scrub(operation string, err error) error {
	var already *scrubbed
	if err == nil || errors.As(err, &already) {
		return err
	}
	message := err.Error()
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		message = connecting.Unwrap().Error()
	}
	place := "PostgreSQL"
	if config, settingsErr := s.settings(); settingsErr == nil {
		place = fmt.Sprintf("database %s on %s as %s", config.Database, address(config), config.User)
		message = hide(message, config)
	}
	message = strings.Join(strings.Fields(message), " ")
	return &scrubbed{fmt.Sprintf("%s: %s: %s%s", place, operation, message, remedy(err)), err}
}

// hide takes the passwords and the whole connection string out of a message.
func hide(message string, config *pgx.ConnConfig) string {
	secrets := []string{config.ConnString(), config.Password}
	for _, secret := range secrets {
		if secret != "" {
			message = strings.ReplaceAll(message, secret, "…")
		}
	}
	return message
}

// address is a server's, for people.
func address(config *pgx.ConnConfig) string {
	if strings.HasPrefix(config.Host, "/") {
		return config.Host
	}
	return net.JoinHostPort(config.Host, fmt.Sprint(config.Port))
}

// remedies say what to do about errors of the server, by SQLSTATE.
var remedies = map[string]string{
	"28P01": "the user or the password is wrong; correct the connection string",
	"28000": "the server lets this user not in from here; see its pg_hba.conf",
	"40001": "a standby had to give way to what the primary did; set hot_standby_feedback = on, or raise max_standby_streaming_delay",
	"3D000": "there is no such database; correct the connection string",
	"42501": "a right is missing",
	"42P01": "the table is not there; create it, or correct the configuration",
	"42703": "a column is not there; 'lupa -check' names it",
	"53300": "the server has no connection left; raise max_connections, or have fewer clients",
	"55P03": "a lock was not given within lock_timeout; what holds it shows in pg_locks",
	"57014": "the statement was cancelled, or took longer than the role's statement_timeout; raise that with ALTER ROLE … SET statement_timeout",
	"53400": "all replication slots are in use; drop those that nobody needs (pg_replication_slots), or raise max_replication_slots",
	"55006": "another instance with this replica's name reads it; let replica be another name",
	"57P01": "the server ended the connection",
	"57P03": "the server is starting or stopping",
}

// remedy says what to do about an error; "" where nothing is known.
func remedy(err error) string {
	if text := remedies[stateOf(err)]; text != "" {
		return " – " + text
	}
	return ""
}

// stateOf gives an error's SQLSTATE; "" where it is not the server's.
func stateOf(err error) string {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return server.Code
	}
	return ""
}
