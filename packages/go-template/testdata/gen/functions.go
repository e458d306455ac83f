package main

import (
	"errors"
	"fmt"
	"strings"
)

// The function map of the test; conformance.test.ts has the same one.
var functions map[string]any

func init() {
	functions = map[string]any{
		"upper":       strings.ToUpper,
		"add":         func(a, b int) int { return a + b },
		"sub":         func(a, b int) int { return a - b },
		"twice":       func(f float64) float64 { return 2 * f },
		"flip":        func(b bool) bool { return !b },
		"wide":        func(n int64) string { return fmt.Sprintf("%T:%d", n, n) },
		"count":       func(list []any) int { return len(list) },
		"keys":        func(m map[string]any) int { return len(m) },
		"tags":        func(m map[string]string) int { return len(m) },
		"show":        func(v any) string { return fmt.Sprintf("%T:%v", v, v) },
		"list":        func(values ...any) []any { return values[:len(values):len(values)] },
		"dict":        func(key string, value any) map[string]any { return map[string]any{key: value} },
		"words":       func(values ...string) string { return strings.Join(values, "+") },
		"prefixed":    func(prefix string, values ...any) string { return prefix + fmt.Sprint(values...) },
		"fail":        func(message string) (string, error) { return "", errors.New(message) },
		"explode":     func() string { panic("boom") },
		"nothing":     func() any { return nil },
		"same":        func(v any) any { return v },
		"constant":    func() string { return "constant" },
		"makeAdder":   func(n int) func(int) int { return func(m int) int { return n + m } },
		"describePod": func(p *Pod) string { return p.Name },
		"copyPod":     func(p Pod) string { return p.Name },
		"broken":      func() string { return "\xe2\x82" },
		"rest":        func() string { return "\xac!" },
	}
}
