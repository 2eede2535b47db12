// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

// Package jsontree reads, changes and writes JSON without losing what a digest
// depends on: the order of keys and the spelling of numbers.
//
// Values are nil, bool, Number, string, []any and *Object.
package jsontree

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Number is a JSON number as it was spelt.
type Number = json.Number

// Object is a JSON object that remembers the order in which its keys were
// added. The zero value is an empty object. It is not safe for concurrent use.
type Object struct {
	keys   []string
	values map[string]any
}

// Keys returns the keys in the order they were added.
func (o *Object) Keys() []string { return o.keys }

// Get returns the value of key, or nil where there is none.
func (o *Object) Get(key string) any { return o.values[key] }

// Text returns the string under key, or "" where there is none.
func (o *Object) Text(key string) string {
	text, _ := o.values[key].(string)
	return text
}

// Set gives key a value. A key that exists keeps its place.
func (o *Object) Set(key string, value any) {
	if o.values == nil {
		o.values = map[string]any{}
	}
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// Delete removes key. A key set again later comes last.
func (o *Object) Delete(key string) {
	if _, ok := o.values[key]; !ok {
		return
	}
	delete(o.values, key)
	for i, k := range o.keys {
		if k == key {
			o.keys = append(o.keys[:i:i], o.keys[i+1:]...)
			return
		}
	}
}

// Merge sets every key of other; where both hold an object, it merges those.
func (o *Object) Merge(other *Object) {
	for _, key := range other.keys {
		value := other.values[key]
		mine, ok := o.values[key].(*Object)
		theirs, also := value.(*Object)
		if ok && also {
			mine.Merge(theirs)
			continue
		}
		o.Set(key, value)
	}
}

// Add sets every key of other, without looking into objects.
func (o *Object) Add(other *Object) {
	for _, key := range other.keys {
		o.Set(key, other.values[key])
	}
}

// ParseObject reads one JSON object. Numbers with an exponent are refused:
// other tools spell them anew, and a digest would depend on how.
func ParseObject(data []byte) (*Object, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	value, err := readValue(decoder)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	object, ok := value.(*Object)
	if !ok {
		return nil, fmt.Errorf("found %s where an object was expected", kind(value))
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("more follows after the object")
	}
	return object, nil
}

func readValue(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return readObject(decoder)
		}
		return readArray(decoder)
	case json.Number:
		if strings.ContainsAny(string(t), "eE") {
			return nil, fmt.Errorf("number %s has an exponent; write it in full", t)
		}
		return t, nil
	default:
		return token, nil
	}
}

func readObject(decoder *json.Decoder) (any, error) {
	object := &Object{}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		value, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		object.Set(key.(string), value)
	}
	_, err := decoder.Token()
	return object, err
}

func readArray(decoder *json.Decoder) (any, error) {
	array := []any{}
	for decoder.More() {
		value, err := readValue(decoder)
		if err != nil {
			return nil, err
		}
		array = append(array, value)
	}
	_, err := decoder.Token()
	return array, err
}

func kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case Number:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}
