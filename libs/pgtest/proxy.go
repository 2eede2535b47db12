// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package pgtest

import (
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lupasearch/lupa/libs/pgserver"
)

// A Proxy is a way to a server that can be cut and held up, as networks are. Its
// methods are for any goroutine.
type Proxy struct {
	folder, server string // where the sockets are
	listener       net.Listener
	running        sync.WaitGroup

	mu     sync.Mutex
	links  map[*link]bool
	closed bool
	free   chan struct{} // closed while bytes may pass
}

// A link is one connection through a proxy.
type link struct {
	client, server net.Conn
	once           sync.Once
	cut            chan struct{} // closed when it is cut
}

// Proxy starts a proxy, which ends with the test. It finds the server again after
// a restart.
func (s *Server) Proxy(t testing.TB) *Proxy {
	t.Helper()
	p := &Proxy{folder: folder(t), server: socket(t, s.DSN("postgres")), links: make(map[*link]bool), free: make(chan struct{})}
	close(p.free)
	listener, err := net.Listen("unix", filepath.Join(p.folder, filepath.Base(p.server)))
	if err != nil {
		t.Fatalf("pgtest: proxy: %v", err)
	}
	p.listener = listener
	p.running.Go(p.accept)
	t.Cleanup(func() {
		if err := listener.Close(); err != nil {
			t.Errorf("pgtest: proxy: %v", err)
		}
		p.mu.Lock()
		p.closed = true
		p.mu.Unlock()
		p.Cut()
		p.running.Wait()
	})
	return p
}

// socket is the path of the socket that a DSN names.
func socket(t testing.TB, dsn string) string {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatalf("pgtest: proxy: %v", err)
	}
	query := address.Query()
	return filepath.Join(query.Get("host"), ".s.PGSQL."+query.Get("port"))
}

// DSN is the address of a database by the proxy.
func (p *Proxy) DSN(database string) string {
	query := url.Values{"host": {p.folder}, "port": {strings.TrimPrefix(filepath.Ext(p.server), ".")}}
	address := url.URL{Scheme: "postgres", User: url.User(pgserver.User), Path: "/" + database, RawQuery: query.Encode()}
	return address.String()
}

// Cut ends all connections at once. What is on its way is lost.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.end()
	}
}

// Hold lets nothing pass any more; connections stay, and can be made. Who waits
// on one does not notice.
func (p *Proxy) Hold() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.free:
		p.free = make(chan struct{})
	default:
	}
}

// Release lets pass what was held, in order and whole.
func (p *Proxy) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case <-p.free:
	default:
		close(p.free)
	}
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // It is closed.
		}
		p.running.Go(func() { p.connect(client) })
	}
}

// connect serves one connection until either side, or Cut, ends it. Without a
// server it ends at once.
func (p *Proxy) connect(client net.Conn) {
	server, err := net.Dial("unix", p.server)
	if err != nil {
		client.Close()
		return
	}
	l := &link{client: client, server: server, cut: make(chan struct{})}
	p.mu.Lock()
	p.links[l] = true
	if p.closed {
		l.end()
	}
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.pass(l, server, client) })
	both.Go(func() { p.pass(l, client, server) })
	both.Wait()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// pass hands bytes on while they may pass.
func (p *Proxy) pass(l *link, to io.Writer, from io.Reader) {
	defer l.end()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		free := p.free
		p.mu.Unlock()
		select {
		case <-free:
		case <-l.cut:
			return
		}
		if _, failed := to.Write(buffer[:n]); failed != nil || err != nil {
			return
		}
	}
}

// end closes both sides.
func (l *link) end() {
	l.once.Do(func() {
		close(l.cut)
		l.client.Close()
		l.server.Close()
	})
}
