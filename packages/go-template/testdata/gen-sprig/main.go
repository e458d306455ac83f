// Runs every template of cases/*.txt through Go's text/template with sprig and writes what came out, or the error, to
// ../sprig.json. Run it here: go run .
package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"log"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/sprig/v3"
)

// One template a line; empty lines and lines that start with # do not count.
//
//go:embed cases/*.txt
var cases embed.FS

// What every template is executed with.
//
//go:embed data.json
var dataText []byte

type result struct {
	Template string  `json:"template"`
	Output   *string `json:"output,omitempty"`
	Error    string  `json:"error,omitempty"`
}

type family struct {
	Name  string   `json:"name"`
	Cases []result `json:"cases"`
}

type fixture struct {
	Functions []string          `json:"functions"`
	Data      json.RawMessage   `json:"data"`
	Env       map[string]string `json:"env"`
	Families  []family          `json:"families"`
}

var env = map[string]string{"SPRIG_GREETING": "hello", "SPRIG_EMPTY": ""}

func main() {
	time.Local = time.UTC
	for name, value := range env {
		check(os.Setenv(name, value))
	}
	entries, err := cases.ReadDir("cases")
	check(err)
	names := slices.Sorted(maps.Keys(sprig.TxtFuncMap()))
	out := fixture{Functions: names, Data: dataText, Env: env}
	for _, entry := range entries {
		text, err := cases.ReadFile(path.Join("cases", entry.Name()))
		check(err)
		group := family{Name: strings.TrimSuffix(entry.Name(), ".txt")}
		for _, line := range strings.Split(string(text), "\n") {
			if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
				group.Cases = append(group.Cases, run(line))
			}
		}
		out.Families = append(out.Families, group)
	}
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	check(encoder.Encode(out))
	check(os.WriteFile("../sprig.json", buffer.Bytes(), 0o644))
}

func run(text string) result {
	parsed, err := template.New("t").Funcs(sprig.TxtFuncMap()).Parse(text)
	if err != nil {
		return result{Template: text, Error: err.Error()}
	}
	// Fresh data each time: some functions change it.
	var data any
	check(json.Unmarshal(dataText, &data))
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return result{Template: text, Error: err.Error()}
	}
	printed := out.String()
	return result{Template: text, Output: &printed}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
