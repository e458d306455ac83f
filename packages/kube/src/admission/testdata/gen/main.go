// Asks Kubernetes' own admission code which webhooks it would call.
//
//	go mod tidy && go run . ../expressions.json ../selection.json
//
// expressions.json is rewritten with `want` filled in for each expression; selection.json is made anew from a seed.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strings"

	registration "k8s.io/api/admissionregistration/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/webhook"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/generic"
	"k8s.io/apiserver/pkg/authentication/user"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// Request is AdmissionRequest of ../../request.ts.
type Request struct {
	Group           string            `json:"group"`
	Version         string            `json:"version"`
	Resource        string            `json:"resource"`
	Kind            string            `json:"kind"`
	SubResource     string            `json:"subResource,omitempty"`
	Operation       string            `json:"operation"`
	Namespace       string            `json:"namespace"`
	Name            string            `json:"name"`
	Object          map[string]any    `json:"object,omitempty"`
	OldObject       map[string]any    `json:"oldObject,omitempty"`
	NamespaceLabels map[string]string `json:"namespaceLabels,omitempty"`
	UserInfo        *UserInfo         `json:"userInfo,omitempty"`
}

type UserInfo struct {
	Username string   `json:"username,omitempty"`
	UID      string   `json:"uid,omitempty"`
	Groups   []string `json:"groups,omitempty"`
}

// options are those of a plain request.
func options(operation string) runtime.Object {
	kind := map[string]string{"CREATE": "CreateOptions", "UPDATE": "UpdateOptions", "DELETE": "DeleteOptions"}[operation]
	return object(map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": kind})
}

type server struct{ hooks *generic.Webhook }

func newServer(namespaces ...*core.Namespace) server {
	hooks, err := generic.NewWebhook(
		admission.NewHandler(admission.Create, admission.Update, admission.Delete, admission.Connect), nil,
		func(informers.SharedInformerFactory) generic.Source { return nil },
		func(*webhookutil.ClientManager) generic.Dispatcher { return nil })
	check(err)
	client := kubernetes.NewForConfigOrDie(&rest.Config{Host: "http://127.0.0.1:1"})
	factory := informers.NewSharedInformerFactory(client, 0)
	hooks.SetExternalKubeClientSet(client)
	hooks.SetExternalKubeInformerFactory(factory)
	for _, namespace := range namespaces {
		check(factory.Core().V1().Namespaces().Informer().GetIndexer().Add(namespace))
	}
	return server{hooks}
}

type versions struct{ attributes admission.Attributes }

func (v versions) VersionedAttribute(kind schema.GroupVersionKind) (*admission.VersionedAttributes, error) {
	return &admission.VersionedAttributes{
		Attributes:         v.attributes,
		VersionedObject:    v.attributes.GetObject(),
		VersionedOldObject: v.attributes.GetOldObject(),
		VersionedKind:      kind,
	}, nil
}

type interfaces struct {
	admission.ObjectInterfaces
	mapper runtime.EquivalentResourceMapper
}

func (i interfaces) GetEquivalentResourceMapper() runtime.EquivalentResourceMapper { return i.mapper }

func equivalents() interfaces {
	registry := runtime.NewEquivalentResourceRegistry()
	for _, version := range []string{"v1", "v2"} {
		registry.RegisterKindFor(schema.GroupVersionResource{Group: "autoscaling", Version: version, Resource: "horizontalpodautoscalers"}, "",
			schema.GroupVersionKind{Group: "autoscaling", Version: version, Kind: "HorizontalPodAutoscaler"})
	}
	return interfaces{mapper: registry}
}

func object(content map[string]any) runtime.Object {
	if content == nil {
		return nil
	}
	raw, err := json.Marshal(content)
	check(err)
	out := &unstructured.Unstructured{}
	check(out.UnmarshalJSON(raw))
	return out
}

// ask returns "called", "skipped" or "refused".
func (s server) ask(hook *registration.MutatingWebhook, r Request) string {
	var who user.Info = &user.DefaultInfo{}
	if r.UserInfo != nil {
		who = &user.DefaultInfo{Name: r.UserInfo.Username, UID: r.UserInfo.UID, Groups: r.UserInfo.Groups}
	}
	attributes := admission.NewAttributesRecord(object(r.Object), object(r.OldObject),
		schema.GroupVersionKind{Group: r.Group, Version: r.Version, Kind: r.Kind}, r.Namespace, r.Name,
		schema.GroupVersionResource{Group: r.Group, Version: r.Version, Resource: r.Resource}, r.SubResource,
		admission.Operation(r.Operation), options(r.Operation), false, who)
	accessor := webhook.NewMutatingWebhookAccessor("uid", "configuration", hook)
	invocation, status := s.hooks.ShouldCallHook(context.Background(), accessor, attributes, equivalents(), versions{attributes})
	switch {
	case status != nil:
		return "refused"
	case invocation == nil:
		return "skipped"
	default:
		return "called"
	}
}

type Expressions struct {
	Request Request `json:"request"`
	Cases   []*Case `json:"cases"`
}

type Case struct {
	Expression string `json:"expression"`
	// "true", "false" or "error"
	Want string `json:"want"`
	// What this project says where it differs, mostly "unknown" since it does not evaluate the expression.
	Ours string `json:"ours,omitempty"`
}

func expressions(path string) {
	raw, err := os.ReadFile(path)
	check(err)
	var file Expressions
	check(json.Unmarshal(raw, &file))
	s := newServer()
	for _, c := range file.Cases {
		hook := anyHook()
		hook.MatchConditions = []registration.MatchCondition{{Name: "c", Expression: c.Expression}}
		verdict := s.ask(hook, file.Request)
		c.Want = map[string]string{"called": "true", "skipped": "false", "refused": "error"}[verdict]
	}
	request, err := json.Marshal(file.Request)
	check(err)
	write(path, fmt.Sprintf("{\"request\": %s,\n\"cases\": ", request), file.Cases, "}")
}

func anyHook() *registration.MutatingWebhook {
	fail := registration.Fail
	equivalent := registration.Equivalent
	return &registration.MutatingWebhook{
		Name: "hook.example.com", FailurePolicy: &fail, MatchPolicy: &equivalent,
		NamespaceSelector: &meta.LabelSelector{}, ObjectSelector: &meta.LabelSelector{},
		Rules: []registration.RuleWithOperations{{
			Operations: []registration.OperationType{"*"},
			Rule:       registration.Rule{APIGroups: []string{"*"}, APIVersions: []string{"*"}, Resources: []string{"*", "*/*"}},
		}},
	}
}

type Selection struct {
	Webhook *registration.MutatingWebhook `json:"webhook"`
	Request Request                       `json:"request"`
	Want    string                        `json:"want"`
}

func selection(path string, count int) {
	random := rand.New(rand.NewSource(20260101))
	namespaces := map[string]map[string]string{
		"shop": {"istio-injection": "enabled", "kubernetes.io/metadata.name": "shop"},
		"old":  {"istio-injection": "disabled", "kubernetes.io/metadata.name": "old"},
		"next": {"istio.io/rev": "canary", "kubernetes.io/metadata.name": "next"},
		"bare": {"kubernetes.io/metadata.name": "bare"},
	}
	var objects []*core.Namespace
	for name, labels := range namespaces {
		objects = append(objects, &core.Namespace{ObjectMeta: meta.ObjectMeta{Name: name, Labels: labels}})
	}
	s := newServer(objects...)
	kept := map[string]int{}
	var cases []Selection
	for len(cases) < count {
		hook, request := randomHook(random), randomRequest(random, namespaces)
		verdict := s.ask(hook, request)
		// Most random pairs do not fit; keep the outcomes in balance.
		if verdict == "skipped" && kept["skipped"] > 2*(kept["called"]+1) {
			continue
		}
		kept[verdict]++
		cases = append(cases, Selection{hook, request, verdict})
	}
	fmt.Fprintln(os.Stderr, kept)
	write(path, "", cases, "")
}

func pick[T any](random *rand.Rand, options ...T) T { return options[random.Intn(len(options))] }

func randomHook(random *rand.Rand) *registration.MutatingWebhook {
	hook := anyHook()
	hook.Rules = nil
	for i := 0; i < 1+random.Intn(2); i++ {
		rule := registration.RuleWithOperations{
			Operations: pick(random, []registration.OperationType{"CREATE"}, []registration.OperationType{"*"}, []registration.OperationType{"CREATE", "UPDATE"}, []registration.OperationType{"DELETE"}),
			Rule: registration.Rule{
				APIGroups:   pick(random, []string{""}, []string{"*"}, []string{"apps"}, []string{"autoscaling", ""}),
				APIVersions: pick(random, []string{"v1"}, []string{"*"}, []string{"v2"}),
				Resources:   pick(random, []string{"pods"}, []string{"*"}, []string{"*/*"}, []string{"pods/*"}, []string{"pods", "pods/status"}, []string{"*/status"}, []string{"horizontalpodautoscalers", "namespaces"}),
			},
		}
		if scope := pick(random, "", "*", "Namespaced", "Cluster"); scope != "" {
			value := registration.ScopeType(scope)
			rule.Scope = &value
		}
		hook.Rules = append(hook.Rules, rule)
	}
	match := pick(random, registration.Exact, registration.Equivalent)
	hook.MatchPolicy = &match
	failure := pick(random, registration.Fail, registration.Ignore)
	hook.FailurePolicy = &failure
	hook.NamespaceSelector = randomSelector(random, []string{"istio-injection", "istio.io/rev", "kubernetes.io/metadata.name"}, []string{"enabled", "disabled", "canary", "shop"})
	hook.ObjectSelector = randomSelector(random, []string{"app", "sidecar.istio.io/inject"}, []string{"true", "false", "web"})
	if random.Intn(3) == 0 {
		for i := 0; i < 1+random.Intn(2); i++ {
			hook.MatchConditions = append(hook.MatchConditions, registration.MatchCondition{
				Name: fmt.Sprintf("c%d", i),
				Expression: pick(random,
					"true", "false", "object.metadata.name == 'web'", "object.metadata.labels['app'] == 'web'",
					"has(object.metadata.labels) && 'app' in object.metadata.labels", "object.metadata.annotations['x'] == 'y'",
					"request.operation != 'DELETE'", "oldObject != null", "!('system:nodes' in request.userInfo.groups)",
					"object.metadata.?labels['app'].orValue('') == 'web'"),
			})
		}
	}
	return hook
}

func randomSelector(random *rand.Rand, keys, values []string) *meta.LabelSelector {
	selector := &meta.LabelSelector{}
	if random.Intn(3) == 0 {
		return selector
	}
	if random.Intn(3) == 0 {
		selector.MatchLabels = map[string]string{pick(random, keys...): pick(random, values...)}
	}
	for i := 0; i < random.Intn(3); i++ {
		expression := meta.LabelSelectorRequirement{Key: pick(random, keys...), Operator: pick(random, meta.LabelSelectorOpIn, meta.LabelSelectorOpNotIn, meta.LabelSelectorOpExists, meta.LabelSelectorOpDoesNotExist)}
		// Without values In and NotIn are invalid, with them the others are: one in thirty of either.
		needs := expression.Operator == meta.LabelSelectorOpIn || expression.Operator == meta.LabelSelectorOpNotIn
		if needs != (random.Intn(30) == 0) {
			expression.Values = []string{pick(random, values...)}
		}
		selector.MatchExpressions = append(selector.MatchExpressions, expression)
	}
	return selector
}

func randomRequest(random *rand.Rand, namespaces map[string]map[string]string) Request {
	what := pick(random,
		Request{Group: "", Version: "v1", Resource: "pods", Kind: "Pod"}, Request{Group: "", Version: "v1", Resource: "pods", Kind: "Pod"},
		Request{Group: "", Version: "v1", Resource: "pods", Kind: "Pod"}, Request{Group: "", Version: "v1", Resource: "pods", Kind: "Pod", SubResource: "status"},
		Request{Group: "", Version: "v1", Resource: "namespaces", Kind: "Namespace"}, Request{Group: "", Version: "v1", Resource: "nodes", Kind: "Node"},
		Request{Group: "apps", Version: "v1", Resource: "deployments", Kind: "Deployment"},
		Request{Group: "autoscaling", Version: "v1", Resource: "horizontalpodautoscalers", Kind: "HorizontalPodAutoscaler"})
	what.Operation = pick(random, "CREATE", "CREATE", "UPDATE", "DELETE")
	what.Name = "web"
	space := pick(random, "shop", "old", "next", "bare")
	content := func() map[string]any {
		metadata := map[string]any{"name": what.Name}
		if labels := randomLabels(random); labels != nil {
			metadata["labels"] = labels
		}
		return map[string]any{"apiVersion": what.Version, "kind": what.Kind, "metadata": metadata}
	}
	switch what.Resource {
	case "nodes":
	case "namespaces":
		what.Name, what.Namespace = space, space
		what.NamespaceLabels = namespaces[space]
	default:
		what.Namespace, what.NamespaceLabels = space, namespaces[space]
	}
	if what.Operation != "DELETE" {
		what.Object = content()
	}
	if what.Operation != "CREATE" {
		what.OldObject = content()
	}
	if what.Resource == "namespaces" && what.Object != nil {
		// Defaulting has set it before admission.
		what.Object["metadata"].(map[string]any)["labels"] = map[string]any{"kubernetes.io/metadata.name": space, "istio-injection": pick(random, "enabled", "disabled")}
	}
	if random.Intn(2) == 0 {
		what.UserInfo = &UserInfo{Username: "system:node:n1", Groups: []string{"system:nodes"}}
	}
	return what
}

func randomLabels(random *rand.Rand) map[string]any {
	labels := map[string]any{}
	if random.Intn(2) == 0 {
		labels["app"] = "web"
	}
	if random.Intn(2) == 0 {
		labels["sidecar.istio.io/inject"] = pick(random, "true", "false")
	}
	if len(labels) == 0 {
		return nil
	}
	return labels
}

// write puts one item on a line: readable differences, little room.
func write[T any](path, before string, items []T, after string) {
	file, err := os.Create(path)
	check(err)
	defer file.Close()
	fmt.Fprint(file, before, "[")
	separator := "\n"
	for _, item := range items {
		fmt.Fprint(file, separator)
		separator = ",\n"
		line := &bytes.Buffer{}
		encoder := json.NewEncoder(line)
		encoder.SetEscapeHTML(false)
		check(encoder.Encode(item))
		fmt.Fprint(file, strings.TrimSpace(line.String()))
	}
	fmt.Fprint(file, "\n]", after, "\n")
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	expressions(os.Args[1])
	selection(os.Args[2], 250)
}
