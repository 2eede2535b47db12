// SPDX-FileCopyrightText: 2026 The Lupa Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Errors is everything that is wrong with a configuration.
type Errors []Problem

// A Problem is one thing that is wrong. Line and Column are from 1; 0 where it
// has no place.
type Problem struct {
	File         string
	Line, Column int
	Message      string
}

// Error gives a line per problem.
func (e Errors) Error() string {
	lines := make([]string, 0, len(e))
	for _, p := range e {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

func (p Problem) String() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

type yamlFile = *ast.File

// A reader collects what is wrong while a configuration is read.
type reader struct {
	file     string
	dir      string
	getenv   func(string) string
	problems Errors
	// describing asks for a schema: sections that are absent are read, too.
	describing bool
}

func (r *reader) add(line, column int, format string, args ...any) {
	r.problems = append(r.problems, Problem{r.file, line, column, fmt.Sprintf(format, args...)})
}

// result is nil, or the problems in the order of their places.
func (r *reader) result() error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		return (a.Line-b.Line)*1000 + a.Column - b.Column
	})
	return r.problems
}

// syntax adds what the YAML parser says.
func (r *reader) syntax(err error) {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		position := located.GetToken().Position
		r.add(position.Line, position.Column, "%s", located.GetMessage())
		return
	}
	r.add(0, 0, "%v", err)
}

// A section is a mapping being read: each key that is asked for is one that is
// known; done complains of the others.
type section struct {
	r      *reader
	node   ast.Node // where problems of the whole are shown; nil if absent
	values map[string]ast.Node
	keys   []ast.Node
	asked  []string
	schema *Schema // what is asked for, where describing
}

// top reads the file's one mapping.
func (r *reader) top(file yamlFile) *section {
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.add(0, 0, "the file is empty; it must have collections")
		return &section{r: r}
	}
	if len(file.Docs) > 1 {
		r.at(file.Docs[1].Body, "a second document begins; one is wanted")
	}
	return r.mapping(file.Docs[0].Body)
}

func (r *reader) at(node ast.Node, format string, args ...any) {
	// A mapping's own place is that of its first colon.
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 {
		node = m.Values[0]
	}
	if entry, ok := node.(*ast.MappingValueNode); ok {
		node = entry.Key
	}
	line, column := 0, 0
	if node != nil && node.GetToken() != nil {
		line, column = node.GetToken().Position.Line, node.GetToken().Position.Column
	}
	r.add(line, column, format, args...)
}

// mapping reads a mapping's keys.
func (r *reader) mapping(node ast.Node) *section {
	s := &section{r: r, node: node, values: make(map[string]ast.Node)}
	var entries []*ast.MappingValueNode
	switch n := node.(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		r.at(node, "keys with values are wanted here, not %s", strings.ToLower(node.Type().String()))
		return &section{r: r}
	}
	if len(entries) > 0 {
		s.node = entries[0].Key
	}
	for _, entry := range entries {
		key := entry.Key.GetToken().Value
		if s.values[key] != nil {
			r.at(entry.Key, "key %q is here twice", key)
		}
		s.values[key] = entry.Value
		s.keys = append(s.keys, entry.Key)
	}
	return s
}

func (s *section) present() bool { return s.node != nil }

func (s *section) wrong(format string, args ...any) { s.r.at(s.node, format, args...) }

// wrongAt shows a problem at a key's value.
func (s *section) wrongAt(key, format string, args ...any) {
	if node := s.values[key]; node != nil {
		s.r.at(node, format, args...)
		return
	}
	s.wrong(format, args...)
}

// value gives a key's node; nil where it is absent or empty.
func (s *section) value(key string) ast.Node {
	s.asked = append(s.asked, key)
	node := s.values[key]
	if node == nil || node.Type() == ast.NullType {
		return nil
	}
	return node
}

func (s *section) text(key, otherwise string) string {
	s.describe(key, Schema{Type: "string", Default: given(otherwise)})
	return s.scalar(key, otherwise)
}

// scalar reads a value as it is written.
func (s *section) scalar(key, otherwise string) string {
	node := s.value(key)
	if node == nil {
		return otherwise
	}
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case ast.ScalarNode:
		return n.GetToken().Value
	}
	s.r.at(node, "%s: text is wanted, not %s", key, strings.ToLower(node.Type().String()))
	return otherwise
}

func (s *section) required(key string) string {
	s.describe(key, Schema{Type: "string", required: true})
	value := s.scalar(key, "")
	if value == "" && s.present() {
		s.wrongAt(key, "%s is missing or empty", key)
	}
	return value
}

// texts reads a list of texts.
func (s *section) texts(key string) []string {
	s.describe(key, Schema{Type: "array", Items: &Schema{Type: "string"}})
	node := s.value(key)
	if node == nil {
		return nil
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		s.r.at(node, "%s: a list is wanted, not %s", key, strings.ToLower(node.Type().String()))
		return nil
	}
	var all []string
	for _, element := range sequence.Values {
		if scalar, ok := element.(ast.ScalarNode); ok {
			all = append(all, scalar.GetToken().Value)
		} else {
			s.r.at(element, "%s: text is wanted, not %s", key, strings.ToLower(element.Type().String()))
		}
	}
	return all
}

// boolean reads true or false.
func (s *section) boolean(key string, otherwise bool) bool {
	s.describe(key, Schema{Type: "boolean", Default: otherwise})
	switch value := s.scalar(key, ""); value {
	case "":
		return otherwise
	case "true", "false":
		return value == "true"
	default:
		s.wrongAt(key, "%s: %q is neither true nor false", key, value)
		return otherwise
	}
}

// integer reads a whole number between two bounds.
func (s *section) integer(key string, otherwise, least, most int) int {
	s.describe(key, Schema{Type: "integer", Default: otherwise, Minimum: &least, Maximum: &most})
	text := s.scalar(key, "")
	if text == "" {
		return otherwise
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least || value > most {
		s.wrongAt(key, "%s: %q is no whole number from %d to %d", key, text, least, most)
		return otherwise
	}
	return value
}

// positive reads a number above 0.
func (s *section) positive(key string, otherwise float64) float64 {
	value := s.number(key, otherwise)
	if value <= 0 {
		s.wrongAt(key, "%s %g: more than 0 is wanted", key, value)
	}
	return value
}

// choice reads one of the allowed values; without a default it is required.
func (s *section) choice(key, otherwise string, allowed ...string) string {
	s.describe(key, Schema{Type: "string", Enum: allowed, Default: given(otherwise), required: otherwise == ""})
	value := s.scalar(key, otherwise)
	if value == "" && s.present() {
		s.wrongAt(key, "%s is missing; allowed are %s", key, strings.Join(allowed, ", "))
		return ""
	}
	if value != "" {
		s.oneOf(key, value, allowed)
	}
	return value
}

func (s *section) oneOf(key, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		s.wrongAt(key, "%s: %q is not allowed; allowed are %s%s", key, value, strings.Join(allowed, ", "), nearest(value, allowed))
	}
}

func (s *section) number(key string, otherwise float64) float64 {
	s.describe(key, Schema{Type: "number", Default: otherwise})
	text := s.scalar(key, "")
	if text == "" {
		return otherwise
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || value != value {
		s.wrongAt(key, "%s: %q is no number", key, text)
		return otherwise
	}
	return value
}

func (s *section) duration(key string, otherwise, least time.Duration) time.Duration {
	s.describe(key, Schema{Type: "string", Default: otherwise.String(), Pattern: durationPattern})
	text := s.scalar(key, "")
	if text == "" {
		return otherwise
	}
	value, err := time.ParseDuration(text)
	if err != nil {
		s.wrongAt(key, "%s: %q is no duration; write 250ms, 30s or 5m", key, text)
		return otherwise
	}
	if value < least {
		s.wrongAt(key, "%s: %s is less than %s", key, value, least)
	}
	return value
}

// section reads a nested mapping, which may be absent.
func (s *section) section(key string) *section {
	inner := s.describe(key, object())
	node := s.value(key)
	if node == nil {
		return &section{r: s.r, schema: inner}
	}
	return s.r.mapping(node)
}

// list reads a list of mappings.
func (s *section) list(key string, required bool) []*section {
	if s.r.describing {
		element := object()
		s.describe(key, Schema{Type: "array", Items: &element, required: required})
		return []*section{{r: s.r, schema: &element}}
	}
	node := s.value(key)
	sequence, ok := node.(*ast.SequenceNode)
	if node != nil && !ok {
		s.r.at(node, "%s: a list is wanted, not %s", key, strings.ToLower(node.Type().String()))
		return nil
	}
	if required && (node == nil || len(sequence.Values) == 0) {
		if s.present() {
			s.wrongAt(key, "%s is missing or empty; at least one is wanted", key)
		}
		return nil
	}
	if sequence == nil {
		return nil
	}
	var all []*section
	for _, element := range sequence.Values {
		all = append(all, s.r.mapping(element))
	}
	return all
}

// unused complains of a key that makes no sense beside others.
func (s *section) unused(key, why string) {
	if s.values[key] != nil {
		s.wrongAt(key, "%s is not wanted here: %s", key, why)
	}
}

// done complains of the keys that nothing asked for.
func (s *section) done() {
	for _, key := range s.keys {
		name := key.GetToken().Value
		if !slices.Contains(s.asked, name) {
			s.r.at(key, "unknown key %q%s", name, suggestion(name, s.asked))
		}
	}
}
