// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// filler makes a page as large as real ones are. What is smaller than 32 KiB and
// has another checksum, Bazel never writes to disk.
var filler = strings.Repeat("filler ", 10_000)

// A liar serves packages on loopback, each with the fault its name says.
type liar struct {
	packages map[string]made
	listener net.Listener
	server   *http.Server

	mu       sync.Mutex
	requests []string
	busy     int
}

func startMirror(packages map[string]made) (*liar, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &liar{packages: packages, listener: l}
	m.server = &http.Server{Handler: m}
	go m.server.Serve(l)
	return m, nil
}

func (m *liar) close() { m.server.Close() }

// variable is the value of LUPA_DEBIAN_MIRRORS for a kind of mirror list.
func (m *liar) variable(kind string) string {
	base := "http://" + m.listener.Addr().String()
	switch kind {
	case "none":
		return "http://127.0.0.1:9/debian"
	case "second":
		return base + "/absent/debian " + base + "/debian"
	}
	return base + "/debian"
}

// forget clears the list of requests.
func (m *liar) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = nil
}

func (m *liar) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.requests
}

func (m *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	m.requests = append(m.requests, r.URL.Path)
	m.busy++
	refuse := strings.Contains(r.URL.Path, "/busy_") && m.busy%3 != 0
	m.mu.Unlock()
	if refuse {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	switch file := strings.TrimPrefix(r.URL.Path, "/debian/"); file {
	case "dists/test/InRelease":
		fmt.Fprint(w, filler)
	case "pool/":
		fmt.Fprint(w, filler+`<a href="gone_1.0-2%2Bdeb1_all.deb">x</a> <a href="gone-dev_9_all.deb">y</a>`)
	default:
		m.servePackage(w, r, strings.TrimPrefix(file, "pool/"))
	}
}

func (m *liar) servePackage(w http.ResponseWriter, r *http.Request, file string) {
	m.mu.Lock()
	p, ok := m.packages[strings.TrimSuffix(file, "_1.0-1_all.deb")]
	m.mu.Unlock()
	switch {
	case !ok || p.Name == "gone":
		http.NotFound(w, r)
	case strings.HasPrefix(p.Name, "changed"):
		w.Write(bytes.Repeat([]byte("x"), len(p.data)))
	case p.Name == "short":
		w.Write(p.data[:len(p.data)/2])
	case p.Name == "cut":
		w.Header().Set("Content-Length", strconv.Itoa(len(p.data)))
		w.Write(p.data[:len(p.data)/2])
	default:
		w.Write(p.data)
	}
}
