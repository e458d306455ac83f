// Prints cases [text, canonical text | {"error": "…"}] of Kubernetes quantities as JSON reads and writes them.
// Run with k8s.io/apimachinery 0.36 in go.mod; redirect into testdata/quantity.json.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
)

func canon(s string) (string, error) {
	var q resource.Quantity
	b, _ := json.Marshal(s)
	if err := json.Unmarshal(b, &q); err != nil {
		return "", err
	}
	out, err := json.Marshal(q)
	if err != nil {
		return "", err
	}
	var t string
	err = json.Unmarshal(out, &t)
	return t, err
}

func main() {
	texts := strings.Split("0 00 1 01 +1 -1 + - . .5 5. 0.5 1.5 1.500 1.50 1.250 0.500 1000 10000 1500 100m 1000m 1500m 2000m 0m 1u 1000u 1n 0.1n 0.5n 1.5n 1k 1000k 1M 1G 1T 1P 1E 10E 1000E 1e3 1E3 1e4 1e0 1e-3 1e-4 1e-9 1e-10 1e100 1e+3 12e e3 1e 1ee 1Ki 8Ki 512Mi 1024Mi 1025Mi 1000Ki 0.5Gi 1.5Gi 1.1Ki 0.5Ki .5Ki 0.0001Ki 1Ti 1Pi 1Ei 7Ei 8Ei 9Ei 100Ei -8Ei -1Mi -1024Mi -0.5Gi 1023Ki 1024Ki 1024 1.Gi .Gi 0Gi 0k 00100m 123456789012345678 1234567890123456789 12345678901234567890 12345678901234567890123. 12345678901234567890123m 9223372036854775807 9223372036854775808 9223372036854775807m 0.000000001 0.0000000001 -0.0000000001 1.0000000000 0.1234567891 3.0000000001 1e9223372036854775808 1e200 1.5e3 1.50e3 15e2 150e1 1.2.3 1x 1KI 1ki 1K 1mi abc 1Mi5 1M5 1+5 1-5 1m+3 --1 1_000 1,5 0x10 1i 1Mim 100Mi 128Mi 256Mi 2Gi 40Mi 500m 250m 10m 2 1.2345678 0.000001 0.0000015k 4611686018427387904 2305843009213693952Ki 999999999999999999k 99999999999999999999Ki 0.00000000001Ki 1.00000000000000000001Ki", " ")
	texts = append(texts, "", " 1", "1 ", " 100m ", "1 Gi", "é")
	r := rand.New(rand.NewSource(7))
	suf := []string{"", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e3", "e-2", "E5", "e-7"}
	for i := 0; i < 400; i++ {
		n := ""
		for j := 0; j < 1+r.Intn(1+r.Intn(20)); j++ {
			n += string(rune('0' + r.Intn(10)*r.Intn(2)))
		}
		if r.Intn(3) == 0 {
			p := r.Intn(len(n) + 1)
			n = n[:p] + "." + n[p:]
		}
		n = []string{"", "", "", "-", "+"}[r.Intn(5)] + n
		texts = append(texts, n+suf[r.Intn(len(suf))])
	}
	type row [2]any
	var rows []row
	seen := map[string]bool{}
	for _, t := range texts {
		if seen[t] {
			continue
		}
		seen[t] = true
		c, err := canon(t)
		if err != nil {
			rows = append(rows, row{t, map[string]string{"error": err.Error()}})
		} else {
			rows = append(rows, row{t, c})
		}
	}
	b := []string{}
	for _, row := range rows {
		j, _ := json.Marshal(row)
		b = append(b, string(j))
	}
	fmt.Fprintln(os.Stdout, "[\n"+strings.Join(b, ",\n")+"\n]")
}
