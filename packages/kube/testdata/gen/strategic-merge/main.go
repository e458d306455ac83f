// Prints cases [original, patch, {"result": …} | {"error": "…"}] of Kubernetes' strategic merge over v1.Pod.
// Run with k8s.io/api and k8s.io/apimachinery 0.36 in go.mod; redirect into testdata/strategic-merge.json.
package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

var r = rand.New(rand.NewSource(11))

func pick(s ...any) any { return s[r.Intn(len(s))] }
func chance(n int) bool { return r.Intn(n) == 0 }
func name() string      { return string(rune('a' + r.Intn(5))) }
func text() any         { return pick("x", "y", "z") }

type obj = map[string]any

func set(o obj, odds int, key string, value func() any) {
	if chance(odds) {
		o[key] = value()
	}
}

func list(max int, item func() any) func() any {
	return func() any {
		l := []any{}
		for i := r.Intn(max + 1); i > 0; i-- {
			l = append(l, item())
		}
		return l
	}
}

// unique drops items that repeat a key, as valid originals do.
func unique(key string, l []any) []any {
	seen := map[any]bool{}
	out := []any{}
	for _, item := range l {
		m, ok := item.(obj)
		if !ok || seen[m[key]] {
			continue
		}
		seen[m[key]] = true
		out = append(out, item)
	}
	return out
}

func keyed(patch bool, key string, max int, item func() obj) func() any {
	return func() any {
		l := list(max, func() any {
			m := item()
			if patch && chance(14) {
				m["$patch"] = pick("delete", "delete", "replace", "merge", "odd")
			}
			if patch && chance(40) {
				delete(m, key)
			}
			return m
		})().([]any)
		if patch && chance(4) {
			return l
		}
		return unique(key, l)
	}
}

func maybeNull(patch bool, v func() any) func() any {
	return func() any {
		if patch && chance(8) {
			return nil
		}
		return v()
	}
}

func env(patch bool) func() obj {
	return func() obj {
		m := obj{"name": name()}
		set(m, 2, "value", maybeNull(patch, text))
		set(m, 3, "valueFrom", maybeNull(patch, func() any { return obj{"fieldRef": obj{"fieldPath": text()}} }))
		return m
	}
}

func container(patch bool) func() obj {
	return func() obj {
		m := obj{"name": name()}
		set(m, 2, "image", maybeNull(patch, text))
		set(m, 3, "args", maybeNull(patch, list(2, text)))
		set(m, 2, "env", maybeNull(patch, keyed(patch, "name", 3, env(patch))))
		set(m, 3, "ports", maybeNull(patch, keyed(patch, "containerPort", 2, func() obj {
			return obj{"containerPort": pick(80, 90, 15090), "name": text()}
		})))
		set(m, 3, "volumeMounts", keyed(patch, "mountPath", 2, func() obj { return obj{"mountPath": pick("/a", "/b"), "name": name()} }))
		set(m, 4, "resources", func() any { return obj{"limits": obj{"cpu": pick("1", "2")}} })
		set(m, 4, "securityContext", maybeNull(patch, func() any {
			c := obj{"runAsUser": pick(1, 2)}
			set(c, 2, "capabilities", func() any { return obj{"add": list(2, text)()} })
			if patch && chance(5) {
				c["$patch"] = pick("replace", "delete", "odd")
			}
			return c
		}))
		set(m, 5, "livenessProbe", func() any {
			return pick(obj{"httpGet": obj{"port": 80}}, obj{"tcpSocket": obj{"port": "x"}, "periodSeconds": 1})
		})
		return m
	}
}

func volume(patch bool) func() obj {
	return func() obj {
		m := obj{"name": name()}
		kind := pick("emptyDir", "hostPath", "configMap").(string)
		m[kind] = maybeNull(patch, func() any { return pick(obj{}, obj{"path": "p"}) })()
		if patch && chance(3) {
			m["$retainKeys"] = pick([]any{"name", kind}, []any{"name", kind}, []any{"name"}, "name")
		}
		return m
	}
}

func stringMap(patch bool) func() any {
	return func() any {
		m := obj{}
		for i := r.Intn(3); i > 0; i-- {
			m[name()] = maybeNull(patch, text)()
		}
		return m
	}
}

func pod(patch bool) obj {
	meta, spec := obj{}, obj{}
	set(meta, 2, "annotations", maybeNull(patch, stringMap(patch)))
	set(meta, 2, "labels", maybeNull(patch, stringMap(patch)))
	set(meta, 3, "finalizers", list(3, func() any { return name() }))
	set(meta, 5, "ownerReferences", keyed(patch, "uid", 2, func() obj { return obj{"uid": name(), "kind": text()} }))
	if patch {
		set(meta, 10, "$deleteFromPrimitiveList/finalizers", func() any {
			delete(meta, "finalizers")
			return []any{name(), name()}
		})
		set(meta, 10, "$setElementOrder/finalizers", list(3, func() any { return name() }))
	}
	set(spec, 1, "containers", maybeNull(patch, keyed(patch, "name", 4, container(patch))))
	set(spec, 3, "initContainers", maybeNull(patch, keyed(patch, "name", 3, container(patch))))
	set(spec, 2, "volumes", keyed(patch, "name", 3, volume(patch)))
	set(spec, 4, "imagePullSecrets", keyed(patch, "name", 3, func() obj { return obj{"name": name()} }))
	set(spec, 5, "hostAliases", keyed(patch, "ip", 2, func() obj { return obj{"ip": name(), "hostnames": list(2, text)()} }))
	set(spec, 5, "tolerations", list(2, func() any { return obj{"key": name()} }))
	set(spec, 5, "nodeSelector", stringMap(patch))
	set(spec, 6, "hostNetwork", func() any { return pick(true, false) })
	set(spec, 6, "terminationGracePeriodSeconds", maybeNull(patch, func() any { return pick(1, 2) }))
	if patch {
		set(spec, 8, "$setElementOrder/containers", func() any {
			order := []any{}
			if l, ok := spec["containers"].([]any); ok && !chance(5) {
				for _, c := range l {
					order = append(order, obj{"name": c.(obj)["name"]})
				}
			}
			for i := r.Intn(3); i > 0; i-- {
				at := r.Intn(len(order) + 1)
				order = append(order[:at], append([]any{obj{"name": name()}}, order[at:]...)...)
			}
			return unique("name", order)
		})
		set(spec, 40, "containers", func() any { return pick([]any{"x"}, obj{}, "x", []any{[]any{}}) })
		set(spec, 40, "unknown", func() any { return pick(1, obj{"a": nil, "b": []any{nil, obj{"c": nil}}}) })
	}
	p := obj{}
	set(p, 1, "spec", func() any { return spec })
	if len(meta) > 0 {
		p["metadata"] = meta
	}
	return p
}

func merge(original, patch string) (out string) {
	defer func() {
		if e := recover(); e != nil {
			out = "panic"
		}
	}()
	var o, p strategicpatch.JSONMap
	must(json.Unmarshal([]byte(original), &o))
	must(json.Unmarshal([]byte(patch), &p))
	res, err := strategicpatch.StrategicMergeMapPatch(o, p, corev1.Pod{})
	if err != nil {
		return encode(obj{"error": err.Error()})
	}
	return encode(obj{"result": res})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func encode(v any) string {
	b, err := json.Marshal(v)
	must(err)
	return string(b)
}

// steady tells whether the result is independent of Go's random map order.
func steady(original, patch string) (string, bool) {
	first := merge(original, patch)
	for range 24 {
		if merge(original, patch) != first {
			return "", false
		}
	}
	return first, first != "panic"
}

func main() {
	cases, total := []string{}, 0
	for tries := 0; len(cases) < 700 && tries < 5000; tries++ {
		original, patch := encode(pod(false)), encode(pod(true))
		if out, ok := steady(original, patch); ok && total < 400_000 {
			row := "[" + original + "," + patch + "," + out + "]"
			total += len(row)
			cases = append(cases, row)
		}
	}
	fmt.Println("[\n" + strings.Join(cases, ",\n") + "\n]")
}
