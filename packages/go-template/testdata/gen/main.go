// Command gen fills in what Go's text/template makes of the cases in a conformance file.
//
//	go run . ../conformance.json ../formats.json   rewrites the files, one case per line
//	go run . -stream                               reads one case per line, prints one result per line
//
// The fields want, error and hex of each case are replaced, all others are the input: to add a case, add a line with
// its template and data and run this.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/template"
	"unicode/utf8"
)

// Case is one template with its data and result.
type Case struct {
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data,omitempty"`
	Options  *Options        `json:"options,omitempty"`
	Want     *string         `json:"want,omitempty"`
	Error    *string         `json:"error,omitempty"`
	// Hex stands for want where the output is not valid UTF-8.
	Hex *string `json:"hex,omitempty"`
}

// Options are those of the engine that a case may set.
type Options struct {
	MissingKey string   `json:"missingKey,omitempty"`
	Delimiters []string `json:"delimiters,omitempty"`
	Name       string   `json:"name,omitempty"`
	// Functions that stand in for builtins or keywords: name to name in the function map.
	Alias map[string]string `json:"alias,omitempty"`
}

func run(c *Case) {
	c.Want, c.Error, c.Hex = nil, nil, nil
	out, err := render(c)
	switch {
	case err != nil:
		text := err.Error()
		c.Error = &text
	case utf8.ValidString(out):
		c.Want = &out
	default:
		text := fmt.Sprintf("%x", out)
		c.Hex = &text
	}
}

func render(c *Case) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	options := c.Options
	if options == nil {
		options = &Options{}
	}
	name := options.Name
	if name == "" {
		name = "inject"
	}
	funcs := template.FuncMap{}
	for name, fn := range functions {
		funcs[name] = fn
	}
	for name, target := range options.Alias {
		funcs[name] = functions[target]
	}
	t := template.New(name).Funcs(funcs)
	if len(options.Delimiters) == 2 {
		t.Delims(options.Delimiters[0], options.Delimiters[1])
	}
	if options.MissingKey != "" {
		t.Option("missingkey=" + options.MissingKey)
	}
	if t, err = t.Parse(c.Template); err != nil {
		return "", err
	}
	var data any
	if len(c.Data) > 0 {
		data = decode(c.Data)
	}
	var buffer bytes.Buffer
	err = t.Execute(&buffer, data)
	return buffer.String(), err
}

func encode(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(buffer.Bytes())
}

func rewrite(path string) {
	raw, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var cases []*Case
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&cases); err != nil {
		panic(err)
	}
	var out strings.Builder
	out.WriteString("[\n")
	for i, c := range cases {
		run(c)
		out.Write(encode(c))
		if i < len(cases)-1 {
			out.WriteByte(',')
		}
		out.WriteByte('\n')
	}
	out.WriteString("]\n")
	if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
		panic(err)
	}
	fmt.Println(path, len(cases), "cases")
}

func stream() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<26)
	writer := bufio.NewWriter(os.Stdout)
	for scanner.Scan() {
		var c Case
		if err := json.Unmarshal(scanner.Bytes(), &c); err != nil {
			panic(err)
		}
		run(&c)
		c.Template, c.Data, c.Options = "", nil, nil
		writer.Write(encode(c))
		writer.WriteByte('\n')
	}
	writer.Flush()
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "-stream" {
		stream()
		return
	}
	for _, path := range os.Args[1:] {
		rewrite(path)
	}
}
