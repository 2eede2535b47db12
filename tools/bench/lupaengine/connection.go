// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package lupaengine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// answerTime is how long one answer may take before a measurement is given up.
const answerTime = 30 * time.Second

// A Connection is one connection to a server, kept open, which asks and reads with
// as little of its own as can be: what it measures is the server's. It is used by
// one goroutine; the caller closes it.
type Connection struct {
	host string
	conn net.Conn
	in   *bufio.Reader
	body []byte
}

// Connect opens a connection.
func (s *Server) Connect(ctx context.Context) (*Connection, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return nil, err
	}
	return &Connection{host: s.Address, conn: conn, in: bufio.NewReaderSize(conn, 1<<16)}, nil
}

// Request prepares the bytes that ask for a path with its query.
func (c *Connection) Request(path string) []byte {
	return fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nAccept: application/json\r\n\r\n", path, c.host)
}

// Ask sends a request and reads the whole answer. The body is valid until the next
// call, the duration is from the first byte sent to the last one read. An answer
// other than 200 is an error.
func (c *Connection) Ask(request []byte) (body []byte, took time.Duration, err error) {
	start := time.Now()
	if err := c.conn.SetDeadline(start.Add(answerTime)); err != nil {
		return nil, 0, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return nil, 0, err
	}
	response, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, 0, err
	}
	if c.body, err = readAll(response.Body, c.body[:0]); err != nil {
		return nil, 0, err
	}
	took = time.Since(start)
	if response.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("answer %s to %q: %s", response.Status, request, c.body)
	}
	return c.body, took, nil
}

// readAll is io.ReadAll into memory that is there already.
func readAll(r io.Reader, into []byte) ([]byte, error) {
	for {
		if len(into) == cap(into) {
			into = append(into, 0)[:len(into)]
		}
		n, err := r.Read(into[len(into):cap(into)])
		into = into[:len(into)+n]
		if err == io.EOF {
			return into, nil
		}
		if err != nil {
			return into, err
		}
	}
}

// Close closes the connection.
func (c *Connection) Close() error { return c.conn.Close() }
