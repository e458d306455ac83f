// Prints cases [selector, {"string": …, "matches": [bool per label set]} | {"error": "…"}] of metav1 label selectors.
// The label sets come first. Run with k8s.io/apimachinery 0.36; redirect into testdata/selector.json.
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

var labelSets = []labels.Set{{}, {"env": "prod"}, {"env": "dev", "app": "web"}, {"app": ""}, {"example.com/x": "1", "env": "test"}}

var selectors = strings.Split(`{}
{"matchLabels":{}}
{"matchLabels":{"env":"prod"}}
{"matchLabels":{"app":""}}
{"matchLabels":{"env":"dev"},"matchExpressions":[{"key":"app","operator":"Exists"}]}
{"matchExpressions":[{"key":"env","operator":"In","values":["prod","dev"]}]}
{"matchExpressions":[{"key":"env","operator":"NotIn","values":["prod","dev"]}]}
{"matchExpressions":[{"key":"env","operator":"Exists"}]}
{"matchExpressions":[{"key":"env","operator":"DoesNotExist"}]}
{"matchExpressions":[{"key":"example.com/x","operator":"In","values":["1",""]}]}
{"matchExpressions":[{"key":"env","operator":"In"}]}
{"matchExpressions":[{"key":"env","operator":"NotIn","values":[]}]}
{"matchExpressions":[{"key":"env","operator":"Exists","values":["a","b"]}]}
{"matchExpressions":[{"key":"env","operator":"DoesNotExist","values":["a"]}]}
{"matchExpressions":[{"key":"env","operator":"in","values":["a"]}]}
{"matchExpressions":[{"key":"env","operator":"Gt","values":["1"]}]}
{"matchExpressions":[{"key":"env"}]}
{"matchExpressions":[{"operator":"Exists"}]}
{"matchExpressions":[{}]}
{"matchLabels":{"":"x"}}
{"matchLabels":{"a b":"x"}}
{"matchLabels":{"-a":"x"}}
{"matchLabels":{"/a":"x"}}
{"matchLabels":{"a/":"x"}}
{"matchLabels":{"a/b/c":"x"}}
{"matchLabels":{"UPPER/b":"x"}}
{"matchLabels":{"a_b/c":"x"}}
{"matchLabels":{"a":"x y"}}
{"matchLabels":{"a":"-"}}
{"matchLabels":{"a":"é\n\"q\""}}
{"matchLabels":{"a b":"c d"}}
{"matchLabels":{"a":"VERYLONG"}}
{"matchLabels":{"VERYLONG":"a"}}
{"matchLabels":{"VERYLONG/a":"a"}}
{"matchExpressions":[{"key":"a b","operator":"In","values":["ok","c d","","e f"]}]}
{"matchExpressions":[{"key":"a b","operator":"Exists","values":["c d"]}]}`, "\n")

func main() {
	rows := []string{encode(labelSets)}
	for _, text := range selectors {
		text = strings.ReplaceAll(text, "VERYLONG/", strings.Repeat("p", 254)+"/")
		text = strings.ReplaceAll(text, "VERYLONG", strings.Repeat("v", 64))
		var ls metav1.LabelSelector
		if err := json.Unmarshal([]byte(text), &ls); err != nil {
			panic(err)
		}
		rows = append(rows, "["+text+","+encode(outcome(&ls))+"]")
	}
	fmt.Println("[\n" + strings.Join(rows, ",\n") + "\n]")
}

func outcome(ls *metav1.LabelSelector) map[string]any {
	selector, err := metav1.LabelSelectorAsSelector(ls)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	matches := []bool{}
	for _, set := range labelSets {
		matches = append(matches, selector.Matches(set))
	}
	return map[string]any{"string": selector.String(), "matches": matches}
}

func encode(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}
