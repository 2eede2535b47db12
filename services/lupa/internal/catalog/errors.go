// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"errors"
	"fmt"
)

// A Code classes errors by what the caller can do about them.
type Code string

const (
	// CodeInvalid: the request or document is wrong; the message says what.
	CodeInvalid Code = "invalid"
	// CodeNotFound: there is no such thing.
	CodeNotFound Code = "not_found"
	// CodeGone: it was there, and is no more; begin again.
	CodeGone Code = "gone"
	// CodeUnavailable: not now; try again later.
	CodeUnavailable Code = "unavailable"
	// CodeTimeout: it took longer than allowed and was cut off.
	CodeTimeout Code = "timeout"
	// CodeInternal: our fault; the log has the cause.
	CodeInternal Code = "internal"
)

// An Error is one that may be shown to the user: its message holds no internals.
type Error struct {
	Code    Code
	Message string
	Cause   error // for the log; may be nil
}

// Error gives the message, and the cause where there is one.
func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an Error without a cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf finds an error's code; CodeInternal where it has none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}
