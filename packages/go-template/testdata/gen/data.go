package main

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strconv"
)

// The notation of test data: plain JSON, where an object with one key that starts with a dollar sign is a typed value.
//
//	{"$int": "5"}                 int; also int8 … uint64
//	{"$float": "NaN"}             float64 that JSON cannot spell
//	{"$stringMap": {"a": "b"}}    map[string]string, null for the nil map
//	{"$strings": ["a"]}           []string
//	{"$ints": ["1"]}              []int
//	{"$bytes": [1, 2]}            []uint8
//	{"$pod": {…}}                 *Pod, see below; {"$podValue": {…}} Pod; {"$nilPod": true} a nil *Pod
//	{"$level": {"Name": "x"}}     Level, a struct with a String method
//	{"$mode": 1}                  Mode, an integer with String and a method
//	{"$func": "upper"}            a function of the test's function map
func decode(raw json.RawMessage) any {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		panic(fmt.Sprintf("%v in %s", err, raw))
	}
	return typed(value)
}

func typed(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = typed(v[i])
		}
		return v[:len(v):len(v)]
	case map[string]any:
		if len(v) == 1 {
			for key, inner := range v {
				if key[0:min(1, len(key))] == "$" {
					return special(key, inner)
				}
			}
		}
		for key := range v {
			v[key] = typed(v[key])
		}
		return v
	}
	return value
}

func special(key string, value any) any {
	switch key {
	case "$float":
		f, _ := strconv.ParseFloat(value.(string), 64)
		return f
	case "$negativeZero":
		return math.Copysign(0, -1)
	case "$stringMap":
		if value == nil {
			return map[string]string(nil)
		}
		out := map[string]string{}
		for k, v := range value.(map[string]any) {
			out[k] = v.(string)
		}
		return out
	case "$strings":
		if value == nil {
			return []string(nil)
		}
		out := []string{}
		for _, v := range value.([]any) {
			out = append(out, v.(string))
		}
		return out[:len(out):len(out)]
	case "$ints":
		out := []int{}
		for _, v := range value.([]any) {
			n, _ := strconv.Atoi(v.(string))
			out = append(out, n)
		}
		return out[:len(out):len(out)]
	case "$bytes":
		out := []byte{}
		for _, v := range value.([]any) {
			out = append(out, byte(v.(float64)))
		}
		return out[:len(out):len(out)]
	case "$pod":
		pod := newPod(value.(map[string]any))
		return &pod
	case "$podValue":
		return newPod(value.(map[string]any))
	case "$nilPod":
		return (*Pod)(nil)
	case "$level":
		return Level{Name: value.(map[string]any)["Name"].(string)}
	case "$mode":
		return Mode(value.(float64))
	case "$func":
		return functions[value.(string)]
	default:
		return integer(key[1:], value.(string))
	}
}

func integer(kind, text string) any {
	n, signedErr := strconv.ParseInt(text, 10, 64)
	u, unsignedErr := strconv.ParseUint(text, 10, 64)
	if signedErr != nil && unsignedErr != nil {
		panic("bad integer " + text)
	}
	switch kind {
	case "int":
		return int(n)
	case "int8":
		return int8(n)
	case "int16":
		return int16(n)
	case "int32":
		return int32(n)
	case "int64":
		return n
	case "uint":
		return uint(u)
	case "uint8":
		return uint8(u)
	case "uint16":
		return uint16(u)
	case "uint32":
		return uint32(u)
	case "uint64":
		return u
	}
	panic("unknown notation $" + kind)
}

// Pod is a struct with fields of several types and methods on value and pointer.
type Pod struct {
	Name   string
	Labels map[string]string
	Spec   *Spec
	Extra  any
	Ports  []Port
	hidden string
}

type Spec struct {
	Replicas int
	Args     []string
}

type Port struct {
	Name   string
	Number int32
}

func newPod(fields map[string]any) Pod {
	pod := Pod{Name: "web", hidden: "x"}
	if name, ok := fields["Name"]; ok {
		pod.Name = name.(string)
	}
	if labels, ok := fields["Labels"]; ok {
		pod.Labels = special("$stringMap", labels).(map[string]string)
	}
	if replicas, ok := fields["Replicas"]; ok {
		pod.Spec = &Spec{Replicas: int(replicas.(float64)), Args: []string{"a", "b"}}
	}
	if extra, ok := fields["Extra"]; ok {
		pod.Extra = typed(extra)
	}
	if ports, ok := fields["Ports"]; ok {
		for name, number := range ports.(map[string]any) {
			pod.Ports = append(pod.Ports, Port{Name: name, Number: int32(number.(float64))})
		}
		sort.Slice(pod.Ports, func(i, j int) bool { return pod.Ports[i].Name < pod.Ports[j].Name })
	}
	return pod
}

func (p Pod) Greet(greeting string) string { return greeting + " " + p.Name }

func (p Pod) Fail() (string, error) { return "", fmt.Errorf("pod %s failed", p.Name) }

func (p Pod) Hello() string { return "hello" }

func (p Pod) Nothing() any { return nil }

func (p *Pod) Sum(numbers ...int) int {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	return sum
}

func (p Pod) Describe(prefix string, v any) string { return fmt.Sprintf("%s=%v", prefix, v) }

func (p Pod) Self() Pod { return p }

// GetSpec works on a nil pod too, as generated getters do.
func (p *Pod) GetSpec() *Spec {
	if p == nil {
		return nil
	}
	return p.Spec
}

func (s *Spec) GetReplicas() int {
	if s == nil {
		return -1
	}
	return s.Replicas
}

// Level prints through its String method.
type Level struct{ Name string }

func (l Level) String() string {
	if l.Name == "panic" {
		panic("no level")
	}
	return "level " + l.Name
}

// Mode is an enumeration.
type Mode int32

func (m Mode) String() string {
	if m == 1 {
		return "ONE"
	}
	return "MODE_" + strconv.Itoa(int(m))
}

func (m Mode) Next() int { return int(m) + 1 }
