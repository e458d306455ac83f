// Answers the cases of ../cases.json with a real Istio: a list of {"ok": text} or {"err": text}.
package main

import (
	"encoding/json"
	"os"

	"istio.io/istio/pkg/kube/inject"
)

type testCase struct {
	Op   string `json:"op"`
	Text string `json:"text"`
}

type answer struct {
	OK  *string `json:"ok,omitempty"`
	Err *string `json:"err,omitempty"`
}

func main() {
	var cases []testCase
	if err := json.NewDecoder(os.Stdin).Decode(&cases); err != nil {
		panic(err)
	}
	answers := make([]answer, 0, len(cases))
	for _, c := range cases {
		text, err := inject.MeshFixture(c.Op, c.Text)
		if err != nil {
			message := err.Error()
			answers = append(answers, answer{Err: &message})
		} else {
			answers = append(answers, answer{OK: &text})
		}
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	for _, a := range answers {
		if err := encoder.Encode(a); err != nil {
			panic(err)
		}
	}
}
