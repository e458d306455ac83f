// Prints cases [text, value | {"error": true}] of sigs.k8s.io/yaml.
// Run with sigs.k8s.io/yaml 1.6 in go.mod; redirect into testdata/yaml.json.
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"
)

var scalars = strings.Fields(`y Y yes Yes YES yEs on On ON oN true True TRUE tRUE n N no No NO nO off Off OFF false False
FALSE fALSE ~ null Null NULL nULL nil none 0 00 01 017 018 08 09 0o17 0O17 0o8 0b11 0B11 0b2 0x1F 0X1f 0xG 1_000 1__0
_1 1_ 0x_1 0x1_0 0b1_1 0_7 +5 -5 +0 -0 --5 +-5 -017 +0x1F -0b11 -0x1F 1.0 1. .5 -.5 +.5 . .. 1.5 1.5.5 1e3 1E3 1e+3 1e-3 1e
e1 1e999 -1e999 1e-999 .5e1 .e5 1_0.5 .5_0 ._5 1:30 1:30:45 190:20:30.15 12:30:45 2001-12-14 2001-12-14T21:59:43Z
2001-1-1 9223372036854775807 1.7976931348623157e308 123abc 0xdeadbeef 0777 0888 1,000 1/2 50% 1Gi 100m v1 1.21 1.10 127.0.0.1 10.0.0.0/8 a:b a::b =
< > - -- -a ? ?a & * ! %a @a |a 'it' <<a`)

var documents = []string{
	"", "# nothing", "---\n", "a", "a: 1\na: 2\n", "- 1\n- 2\n", "a:\n- 1\n- 2\n", "{a: 1, b: [x, y,], }", "{a, b: }",
	"{ \"a\": \"b\", c: \"d\",\n}\n", "a: |\n  x\n  y\n", "a: |-\n  x\n", "a: |+\n  x\n\n", "a: >\n  x\n  y\n\n  z\n", "a: 'x''y'", "a: \"\\x41\\u00e9\\n\"",
	"1: a\n1.5: b\ntrue: c\nyes: d\n0x10: e\n", "~: x", "? [a]\n: b", "? {a: b}\n: c",
	"x: &x {a: 1}\nz: *x\n", "x: &x {a: 2, b: 2}\nz:\n  a: 1\n  <<: *x\n", "x: &x {a: 2, b: 2}\nz:\n  <<: *x\n  a: 1\n",
	"x: &x {a: 2}\nw: &w {a: 3, c: 3}\nz:\n  <<: [*x, *w]\n", "x: &x [1]\nz:\n  <<: *x\n", "a: *nope", "a: &a [*a]",
	"- a\n---\n- b\n", "a: !foo bar\nb: !foo {c: 1}\nc: !foo [1]\n", "a: !!str 1\nb: !!int \"5\"\nc: !!float 3\nd: !!bool yes\n",
	"a: !!int x", "a: ! 12", "a: b: c", "a: 1\n  b: 2", "a:\n\t- 1", "\ta: 1", "a: [1", "a: \"x", "a: {", "a: .inf", "a: -.INF", "a: .nan",
	"{\"a\": 1e400}", "{\"a\": {\"b\": [1, 2.50, null, true, \"x\"]}}", "{\"a\": 1, \"a\": 2}", "[1, 2]", "\"x\"", "__proto__: {a: 1}\nconstructor: 2\n",
	"a: x # c\nb: x#c\n", "a:\n  b:\n\n  c: 1\n", "a:\n- b: 1\n  c: 2\n-\n- - 1\n", "a: ''\nb: \"\"\nc:\n", "%YAML 1.1\n---\na: 1\n", "a: 1\n...\n", "\ufeffa: 1\n",
	"a: 1\r\nb: 2\r\n", "'a': 1\n\"b\": 2\n", "a: - b", "a: @b", "a: `b`", "a: 'é 日本 😀'\n", "a: >-\n  x\n   y\n  z\n", "k: {a: [{b: c}]}", "a: x\n b: y\n",
	"on: push\noff: x\n", "a: \"yes\"\nb: 'no'\n", "a: 0123456789\nb: \"0123\"\n", "? a\n: b\n", "a: &x 1\nb: *x\n", "a: {b: c, <<: {d: e}}",
}

func main() {
	rows := []string{}
	add := func(text string) {
		key, err := json.Marshal(text)
		if err != nil {
			panic(err)
		}
		value, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			value = []byte(`{"error":true}`)
		}
		rows = append(rows, fmt.Sprintf("[%s,%s]", key, value))
	}
	for _, scalar := range scalars {
		add("v: " + scalar)
	}
	for _, document := range documents {
		add(document)
	}
	fmt.Println("[\n" + strings.Join(rows, ",\n") + "\n]")
}
