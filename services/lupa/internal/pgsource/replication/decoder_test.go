// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package replication

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pglogrepl"
)

// tuple makes a row of columns: texts, "-" for NULL and "…" for what is left out.
func tuple(columns ...string) *pglogrepl.TupleData {
	row := &pglogrepl.TupleData{}
	for _, text := range columns {
		c := &pglogrepl.TupleDataColumn{DataType: pglogrepl.TupleDataTypeText, Data: []byte(text)}
		switch text {
		case "-":
			c.DataType = pglogrepl.TupleDataTypeNull
		case "…":
			c.DataType = pglogrepl.TupleDataTypeToast
		}
		row.Columns = append(row.Columns, c)
	}
	return row
}

// TestEvents decodes messages about table 7, whose key is its columns b and a, from
// 0/64 on.
func TestEvents(t *testing.T) {
	relation := &pglogrepl.RelationMessage{RelationID: 7, Columns: []*pglogrepl.RelationMessageColumn{{Name: "a", Flags: 1}, {Name: "b", Flags: 1}, {Name: "c"}}}
	begin := &pglogrepl.BeginMessage{FinalLSN: 100, Xid: 5}
	change := func(keys ...[]string) *Event { return &Event{Kind: Change, XID: 5, LSN: 100, Keys: keys} }
	for _, c := range []struct {
		name     string
		messages []pglogrepl.Message
		want     *Event // of the last
		wrong    bool
	}{
		{"insert", []pglogrepl.Message{relation, begin, &pglogrepl.InsertMessage{RelationID: 7, Tuple: tuple("1", "2", "3")}}, change([]string{"2", "1"}), false},
		{"insert without a key", []pglogrepl.Message{relation, begin, &pglogrepl.InsertMessage{RelationID: 7, Tuple: tuple("1", "-", "3")}}, change(), false},
		{"another table", []pglogrepl.Message{begin, &pglogrepl.InsertMessage{RelationID: 8, Tuple: tuple("1")}}, nil, false},
		{"update", []pglogrepl.Message{relation, begin, &pglogrepl.UpdateMessage{RelationID: 7, NewTuple: tuple("1", "2", "…")}}, change([]string{"2", "1"}), false},
		{
			"update of the key",
			[]pglogrepl.Message{relation, begin, &pglogrepl.UpdateMessage{RelationID: 7, OldTuple: tuple("1", "2", "-"), NewTuple: tuple("1", "4", "…")}},
			change([]string{"2", "1"}, []string{"4", "1"}), false,
		},
		{
			"update with all of the old row",
			[]pglogrepl.Message{relation, begin, &pglogrepl.UpdateMessage{RelationID: 7, OldTuple: tuple("1", "2", "3"), NewTuple: tuple("1", "2", "4")}},
			change([]string{"2", "1"}), false,
		},
		{
			"a long key",
			[]pglogrepl.Message{relation, begin, &pglogrepl.UpdateMessage{RelationID: 7, OldTuple: tuple("long", "2", "-"), NewTuple: tuple("…", "4", "5")}},
			change([]string{"2", "long"}, []string{"4", "long"}), false,
		},
		{"a long key that is nowhere", []pglogrepl.Message{relation, begin, &pglogrepl.UpdateMessage{RelationID: 7, NewTuple: tuple("…", "4", "5")}}, nil, true},
		{"delete", []pglogrepl.Message{relation, begin, &pglogrepl.DeleteMessage{RelationID: 7, OldTuple: tuple("1", "2", "-")}}, change([]string{"2", "1"}), false},
		{"truncate", []pglogrepl.Message{relation, begin, &pglogrepl.TruncateMessage{RelationIDs: []uint32{6, 7}}}, &Event{Kind: Truncate, LSN: 100}, false},
		{"truncate of others", []pglogrepl.Message{relation, begin, &pglogrepl.TruncateMessage{RelationIDs: []uint32{6}}}, nil, false},
		{"commit", []pglogrepl.Message{begin, &pglogrepl.CommitMessage{CommitLSN: 100, TransactionEndLSN: 110}}, &Event{Kind: Commit, LSN: 110}, false},
		{"a change that is known", []pglogrepl.Message{relation, &pglogrepl.BeginMessage{FinalLSN: 99}, &pglogrepl.InsertMessage{RelationID: 7, Tuple: tuple("1", "2", "3")}}, nil, false},
		{"a truncate that is known", []pglogrepl.Message{relation, &pglogrepl.BeginMessage{FinalLSN: 99}, &pglogrepl.TruncateMessage{RelationIDs: []uint32{7}}}, nil, false},
		{"a commit that is known", []pglogrepl.Message{&pglogrepl.BeginMessage{FinalLSN: 99}, &pglogrepl.CommitMessage{CommitLSN: 99, TransactionEndLSN: 100}}, nil, false},
		{"columns in another order", []pglogrepl.Message{
			relation, begin,
			&pglogrepl.RelationMessage{RelationID: 7, Columns: []*pglogrepl.RelationMessageColumn{{Name: "b", Flags: 1}, {Name: "new"}, {Name: "a", Flags: 1}}},
			&pglogrepl.InsertMessage{RelationID: 7, Tuple: tuple("1", "2", "3")},
		}, change([]string{"1", "3"}), false},
		{"no key", []pglogrepl.Message{&pglogrepl.RelationMessage{RelationID: 7, Columns: []*pglogrepl.RelationMessageColumn{{Name: "a", Flags: 1}}}}, nil, true},
		{"no identity", []pglogrepl.Message{&pglogrepl.RelationMessage{RelationID: 7, Columns: []*pglogrepl.RelationMessageColumn{{Name: "a", Flags: 1}, {Name: "b"}}}}, nil, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &decoder{options: Options{Start: 100, Table: 7, Key: []string{"b", "a"}}}
			var got *Event
			var err error
			for _, message := range c.messages {
				if err != nil {
					t.Fatal(err)
				}
				got, err = d.event(message)
			}
			if errors.Is(err, ErrKey) != c.wrong || !c.wrong && err != nil {
				t.Fatalf("error %v, want one: %t", err, c.wrong)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("event differs (-want +got):\n%s", diff)
			}
		})
	}
}
