// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Command probe is the probe with the image's C library: names are looked up by
// getaddrinfo, through nsswitch.conf and what that names.
package main

/*
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
*/
import "C"

import (
	"fmt"
	"net"
	"os"
	"unsafe"

	"github.com/lupasearch/lupa/tools/image/probe"
)

func main() {
	os.Exit(probe.Main(lookup, os.Stdout))
}

// lookup asks the C library for IPv4 addresses.
func lookup(host string) ([]string, error) {
	name := C.CString(host)
	defer C.free(unsafe.Pointer(name))
	var found *C.struct_addrinfo
	hints := C.struct_addrinfo{ai_family: C.AF_INET, ai_socktype: C.SOCK_STREAM}
	if code := C.getaddrinfo(name, nil, &hints, &found); code != 0 {
		return nil, fmt.Errorf("getaddrinfo %s: %s", host, C.GoString(C.gai_strerror(code)))
	}
	defer C.freeaddrinfo(found)
	var addresses []string
	for a := found; a != nil; a = a.ai_next {
		in := (*C.struct_sockaddr_in)(unsafe.Pointer(a.ai_addr))
		addresses = append(addresses, net.IP(C.GoBytes(unsafe.Pointer(&in.sin_addr), net.IPv4len)).String())
	}
	return addresses, nil
}
