// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package model

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// A proxy stands between lupa and its database, and does what networks do. It
// listens on a unix socket in a folder of its own.
type proxy struct {
	folder   string
	listener net.Listener

	mu     sync.Mutex
	resume *sync.Cond
	target string // the server's socket
	paused bool
	deaf   bool // notifications are lost
	lost   int  // notifications that were
	pairs  map[*pair]bool
}

// A pair is one connection, and the one to the server.
type pair struct{ client, server net.Conn }

func (p *pair) close() {
	_ = p.client.Close() //nolint:errcheck // cutting off is what is wanted
	_ = p.server.Close() //nolint:errcheck // as above
}

// socketName is that of PostgreSQL's sockets.
const socketName = ".s.PGSQL.5432"

func newProxy(t *testing.T, folder, target string) *proxy {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(folder, socketName))
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{folder: folder, listener: listener, target: target, pairs: make(map[*pair]bool)}
	p.resume = sync.NewCond(&p.mu)
	var work sync.WaitGroup
	work.Go(func() { p.accept(&work) })
	t.Cleanup(func() {
		listener.Close()
		p.pause(false)
		p.cut()
		work.Wait()
	})
	return p
}

func (p *proxy) accept(work *sync.WaitGroup) {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.mu.Lock()
		target := p.target
		p.mu.Unlock()
		server, err := net.Dial("unix", target)
		if err != nil { // the server is down
			_ = client.Close() //nolint:errcheck // it is refused
			continue
		}
		both := &pair{client, server}
		p.mu.Lock()
		p.pairs[both] = true
		p.mu.Unlock()
		work.Go(func() { p.carry(both, func() error { return p.requests(both) }) })
		work.Go(func() { p.carry(both, func() error { return p.answers(both) }) })
	}
}

func (p *proxy) carry(both *pair, do func() error) {
	_ = do() //nolint:errcheck // the connection has ended
	both.close()
	p.mu.Lock()
	delete(p.pairs, both)
	p.mu.Unlock()
}

// requests carries what lupa says, as it comes.
func (p *proxy) requests(both *pair) error {
	piece := make([]byte, 32<<10)
	for {
		n, err := both.client.Read(piece)
		if err != nil {
			return err
		}
		p.wait()
		if _, err := both.server.Write(piece[:n]); err != nil {
			return err
		}
	}
}

// answers carries what the server says, message by message, to leave out
// notifications: a byte for the kind, and a length that counts itself.
func (p *proxy) answers(both *pair) error {
	head := make([]byte, 5)
	for {
		if _, err := io.ReadFull(both.server, head); err != nil {
			return err
		}
		length := int(binary.BigEndian.Uint32(head[1:])) - 4
		if length < 0 {
			return errors.New("a message shorter than its length")
		}
		message := make([]byte, 5+length)
		copy(message, head)
		if _, err := io.ReadFull(both.server, message[5:]); err != nil {
			return err
		}
		if p.wait() && head[0] == 'A' {
			continue
		}
		if _, err := both.client.Write(message); err != nil {
			return err
		}
	}
}

// wait waits while the proxy is paused, and tells whether notifications are lost.
func (p *proxy) wait() (deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.paused {
		p.resume.Wait()
	}
	if p.deaf {
		p.lost++
	}
	return p.deaf
}

func (p *proxy) pause(paused bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.paused = paused
	p.resume.Broadcast()
}

func (p *proxy) lose(deaf bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.deaf = deaf
}

// cut ends all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for both := range p.pairs {
		both.close()
	}
}

// turn leads new connections to another server.
func (p *proxy) turn(target string) {
	p.mu.Lock()
	p.target = target
	p.mu.Unlock()
	p.cut()
}
