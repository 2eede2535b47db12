// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package replication

import (
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pglogrepl"
)

// ErrKey tells that changes do not say which row they are of.
var ErrKey = errors.New("changes lack the key")

// ofIdentity marks columns that come with every change.
const ofIdentity = 1

// A decoder makes events of messages.
type decoder struct {
	options Options
	columns []int // of the key, in a row
	begin   *pglogrepl.BeginMessage
	known   bool // the transaction is one that was left behind
}

// decode makes an event of what the server sent; nil where it is of no interest.
func (d *decoder) decode(data []byte) (*Event, error) {
	if len(data) == 0 {
		return nil, nil //nolint:nilnil // nothing
	}
	switch data[0] {
	case pglogrepl.PrimaryKeepaliveMessageByteID:
		alive, err := pglogrepl.ParsePrimaryKeepaliveMessage(data[1:])
		if err != nil {
			return nil, err
		}
		return &Event{Kind: Alive, LSN: alive.ServerWALEnd, Asked: alive.ReplyRequested}, nil
	case pglogrepl.XLogDataByteID:
		outer, err := pglogrepl.ParseXLogData(data[1:])
		if err != nil {
			return nil, err
		}
		message, err := pglogrepl.Parse(outer.WALData)
		if err != nil {
			return nil, err
		}
		return d.event(message)
	}
	return nil, nil //nolint:nilnil // of a later protocol
}

func (d *decoder) event(message pglogrepl.Message) (*Event, error) {
	switch m := message.(type) {
	case *pglogrepl.RelationMessage:
		if m.RelationID == d.options.Table {
			return nil, d.describe(m)
		}
	case *pglogrepl.BeginMessage:
		d.begin, d.known = m, m.FinalLSN < d.options.Start
	case *pglogrepl.CommitMessage:
		d.begin = nil
		if !d.known {
			return &Event{Kind: Commit, LSN: m.TransactionEndLSN}, nil
		}
	case *pglogrepl.InsertMessage:
		return d.change(m.RelationID, nil, m.Tuple)
	case *pglogrepl.UpdateMessage:
		return d.change(m.RelationID, m.OldTuple, m.NewTuple)
	case *pglogrepl.DeleteMessage:
		return d.change(m.RelationID, m.OldTuple, nil)
	case *pglogrepl.TruncateMessage:
		if !d.known && slices.Contains(m.RelationIDs, d.options.Table) {
			return &Event{Kind: Truncate, LSN: d.begin.FinalLSN}, nil
		}
	}
	return nil, nil //nolint:nilnil // nothing of interest
}

// describe finds the columns of the key among those of the table, which the server
// tells before the first change of it and whenever it was altered.
func (d *decoder) describe(m *pglogrepl.RelationMessage) error {
	columns := make([]int, 0, len(d.options.Key))
	for _, name := range d.options.Key {
		at := slices.IndexFunc(m.Columns, func(c *pglogrepl.RelationMessageColumn) bool { return c.Name == name })
		if at < 0 {
			return fmt.Errorf("%w: the publication has no column %q of table %s.%s", ErrKey, name, m.Namespace, m.RelationName)
		}
		if m.Columns[at].Flags&ofIdentity == 0 {
			return fmt.Errorf("%w: column %q of table %s.%s is not of its replica identity", ErrKey, name, m.Namespace, m.RelationName)
		}
		columns = append(columns, at)
	}
	d.columns = columns
	return nil
}

// change makes an event of a row as it was, and as it is; nil for a row that was
// or is not. What it was comes only where the key changed, or all of it is logged.
func (d *decoder) change(table uint32, was, is *pglogrepl.TupleData) (*Event, error) {
	if table != d.options.Table || d.known {
		return nil, nil //nolint:nilnil // of no interest
	}
	event := &Event{Kind: Change, XID: d.begin.Xid, LSN: d.begin.FinalLSN}
	for _, row := range []*pglogrepl.TupleData{was, is} {
		if row == nil {
			continue
		}
		key, err := d.key(row, was)
		if err != nil {
			return nil, err
		}
		if key != nil && (len(event.Keys) == 0 || !slices.Equal(key, event.Keys[0])) {
			event.Keys = append(event.Keys, key)
		}
	}
	return event, nil
}

// key takes the key out of a row; nil where it has a NULL. A long value that did
// not change is left out of what a row is, and found in what it was.
func (d *decoder) key(row, was *pglogrepl.TupleData) ([]string, error) {
	key := make([]string, 0, len(d.columns))
	for _, at := range d.columns {
		if at >= len(row.Columns) {
			return nil, fmt.Errorf("%w: a row has %d columns", ErrKey, len(row.Columns))
		}
		column := row.Columns[at]
		if column.DataType == pglogrepl.TupleDataTypeToast && was != nil && at < len(was.Columns) {
			column = was.Columns[at]
		}
		switch column.DataType {
		case pglogrepl.TupleDataTypeText:
			key = append(key, string(column.Data))
		case pglogrepl.TupleDataTypeNull:
			return nil, nil
		default:
			return nil, fmt.Errorf("%w: column %d of a row is left out", ErrKey, at+1)
		}
	}
	return key, nil
}
