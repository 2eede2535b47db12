// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package probe

import (
	"encoding/binary"
	"errors"
	"net"
	"strings"
)

// Parts of a DNS message (RFC 1035).
const (
	headerSize  = 12
	typeA       = 1
	flagsAnswer = 0x8180 // answer, recursion wanted and available
	noSuchName  = 3
)

// serveNames answers questions for DNSName until the connection is closed.
func serveNames(address string) (net.PacketConn, error) {
	server, err := net.ListenPacket("udp4", address)
	if err != nil {
		return nil, err
	}
	go func() {
		question := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(question)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				continue
			}
			if reply := answer(question[:n]); reply != nil {
				server.WriteTo(reply, from) //nolint:errcheck // who asks asks again
			}
		}
	}()
	return server, nil
}

// answer replies to a message with one question; nil is for what is none.
func answer(message []byte) []byte {
	name, end := questionName(message)
	if end == 0 || end+4 > len(message) {
		return nil
	}
	reply := append([]byte(nil), message[:end+4]...)
	flags, answers := uint16(flagsAnswer), uint16(0)
	switch {
	case !strings.EqualFold(name, DNSName):
		flags |= noSuchName
	case binary.BigEndian.Uint16(message[end:]) == typeA:
		answers = 1
		reply = append(reply, 0xc0, headerSize) // the question's name
		reply = append(reply, message[end:end+4]...)
		reply = binary.BigEndian.AppendUint32(reply, 60)
		reply = binary.BigEndian.AppendUint16(reply, net.IPv4len)
		reply = append(reply, net.ParseIP(DNSAddr).To4()...)
	}
	binary.BigEndian.PutUint16(reply[2:], flags)
	binary.BigEndian.PutUint16(reply[6:], answers)
	binary.BigEndian.PutUint32(reply[8:], 0) // no further records
	return reply
}

// questionName reads the name asked for, and says where it ends; 0 is for none.
func questionName(message []byte) (string, int) {
	var parts []string
	for at := headerSize; at < len(message); {
		size := int(message[at])
		at++
		if size == 0 {
			return strings.Join(parts, "."), at
		}
		if size > 63 || at+size > len(message) {
			break
		}
		parts = append(parts, string(message[at:at+size]))
		at += size
	}
	return "", 0
}
