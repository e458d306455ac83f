{{- define "proa.matchConditions" -}}
- name: not-the-injector
  expression: "!(request.namespace == '{{ .Release.Namespace }}' && has(object.metadata) && has(object.metadata.labels) && 'app.kubernetes.io/name' in object.metadata.labels && object.metadata.labels['app.kubernetes.io/name'] == 'proa-injector')"
- name: not-a-system-namespace
  expression: "!(request.namespace in ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'])"
- name: not-a-mirror-pod
  expression: "!(has(object.metadata) && has(object.metadata.annotations) && 'kubernetes.io/config.mirror' in object.metadata.annotations)"
- name: not-on-the-host-network
  expression: "!(has(object.spec) && has(object.spec.hostNetwork) && object.spec.hostNetwork)"
{{- end }}

{{- /* One webhook. caBundle is left to the injector, which owns that field. */}}
{{- define "proa.webhook" -}}
{{- $root := .root -}}
- name: {{ .prefix }}sidecar-injector.istio.io
  clientConfig:
    service:
      name: {{ include "proa.name" $root }}
      namespace: {{ $root.Release.Namespace }}
      path: /inject
      port: 443
  rules:
  - operations: [CREATE]
    apiGroups: [""]
    apiVersions: [v1]
    resources: [pods]
    scope: Namespaced
  {{- if .never }}
  namespaceSelector: {matchLabels: {istio.io/deactivated: never-match}}
  objectSelector: {matchLabels: {istio.io/deactivated: never-match}}
  {{- else }}
  namespaceSelector:
    matchExpressions:
    {{- toYaml .namespace | nindent 4 }}
  objectSelector:
    matchExpressions:
    {{- toYaml .pod | nindent 4 }}
  {{- end }}
  matchConditions:
  {{- include "proa.matchConditions" $root | nindent 2 }}
  matchPolicy: Equivalent
  failurePolicy: {{ include "proa.failurePolicy" $root }}
  reinvocationPolicy: {{ $root.Values.reinvocationPolicy }}
  sideEffects: None
  timeoutSeconds: {{ $root.Values.timeoutSeconds }}
  admissionReviewVersions: [v1]
{{- end }}

{{- /* Istio's combinations of selectors for one value of istio.io/rev. */}}
{{- define "proa.webhooks" -}}
{{- $ours := dict "key" "istio.io/rev" "operator" "In" "values" (list .value) -}}
{{- $noRevision := dict "key" "istio.io/rev" "operator" "DoesNotExist" -}}
{{- $noInjection := dict "key" "istio-injection" "operator" "DoesNotExist" -}}
{{- $notRefused := dict "key" "sidecar.istio.io/inject" "operator" "NotIn" "values" (list "false") -}}
{{- $base := dict "root" .root "never" .never -}}
{{ include "proa.webhook" (merge (dict "prefix" "rev.namespace." "namespace" (list $ours $noInjection) "pod" (list $notRefused)) $base) }}
{{ include "proa.webhook" (merge (dict "prefix" "rev.object." "namespace" (list $noRevision $noInjection) "pod" (list $notRefused $ours)) $base) }}
{{- if eq .value "default" }}
{{- $enabled := dict "key" "istio-injection" "operator" "In" "values" (list "enabled") }}
{{- $asked := dict "key" "sidecar.istio.io/inject" "operator" "In" "values" (list "true") }}
{{ include "proa.webhook" (merge (dict "prefix" "namespace." "namespace" (list $enabled) "pod" (list $notRefused)) $base) }}
{{ include "proa.webhook" (merge (dict "prefix" "object." "namespace" (list $noInjection $noRevision) "pod" (list $asked $noRevision)) $base) }}
{{- if .root.Values.injectUnlabelledNamespaces }}
{{- $notSystem := dict "key" "kubernetes.io/metadata.name" "operator" "NotIn" "values" (list "kube-system" "kube-public" "kube-node-lease" "local-path-storage") }}
{{- $unlabelled := dict "key" "sidecar.istio.io/inject" "operator" "DoesNotExist" }}
{{ include "proa.webhook" (merge (dict "prefix" "auto." "namespace" (list $noInjection $noRevision $notSystem) "pod" (list $unlabelled $noRevision)) $base) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A policy that looks at the Pod after all webhooks, and its binding. */}}
{{- define "proa.guard" -}}
{{- $root := .root -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ .name }}
  labels:
    {{- include "proa.labels" $root | nindent 4 }}
spec:
  failurePolicy: Fail
  matchConstraints:
    resourceRules:
    - apiGroups: [""]
      apiVersions: [v1]
      operations: [CREATE]
      resources: [pods]
      scope: Namespaced
    matchPolicy: Equivalent
  matchConditions:
  {{- include "proa.matchConditions" $root | nindent 2 }}
  variables:
  - name: namespaceLabels
    expression: "has(namespaceObject.metadata.labels) ? namespaceObject.metadata.labels : {}"
  - name: podLabels
    expression: "has(object.metadata.labels) ? object.metadata.labels : {}"
  - name: podAnnotations
    expression: "has(object.metadata.annotations) ? object.metadata.annotations : {}"
  - name: unlabelled
    expression: "!('istio-injection' in variables.namespaceLabels) && !('istio.io/rev' in variables.namespaceLabels)"
  - name: byRevision
    expression: "('istio.io/rev' in variables.namespaceLabels && variables.namespaceLabels['istio.io/rev'] == '{{ .value }}' && !('istio-injection' in variables.namespaceLabels)) || (variables.unlabelled && 'istio.io/rev' in variables.podLabels && variables.podLabels['istio.io/rev'] == '{{ .value }}')"
  {{- $selected := list "variables.byRevision" }}
  {{- if eq .value "default" }}
  {{- $selected = append $selected "variables.byDefault" }}
  - name: byDefault
    expression: "('istio-injection' in variables.namespaceLabels && variables.namespaceLabels['istio-injection'] == 'enabled') || (variables.unlabelled && !('istio.io/rev' in variables.podLabels) && 'sidecar.istio.io/inject' in variables.podLabels && variables.podLabels['sidecar.istio.io/inject'] == 'true')"
  {{- if $root.Values.injectUnlabelledNamespaces }}
  {{- $selected = append $selected "variables.automatic" }}
  - name: automatic
    expression: "variables.unlabelled && !(request.namespace in ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']) && !('istio.io/rev' in variables.podLabels) && !('sidecar.istio.io/inject' in variables.podLabels)"
  {{- end }}
  {{- end }}
  - name: willing
    expression: "'sidecar.istio.io/inject' in variables.podLabels ? variables.podLabels['sidecar.istio.io/inject'] == 'true' : (!('sidecar.istio.io/inject' in variables.podAnnotations) || variables.podAnnotations['sidecar.istio.io/inject'] == 'true')"
  - name: injected
    expression: "'sidecar.istio.io/status' in variables.podAnnotations"
  validations:
  - expression: "variables.injected || !variables.willing || !({{ join " || " $selected }})"
    message: 'this Pod should have been given a sidecar by the injector "{{ include "proa.clusterName" $root }}" and has none: the injector did not answer. Look at it with "kubectl -n {{ $root.Release.Namespace }} get pods -l app.kubernetes.io/name=proa-injector", then create the Pod again, or label it sidecar.istio.io/inject=false to run it without a sidecar'
    reason: Forbidden
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ .name }}
  labels:
    {{- include "proa.labels" $root | nindent 4 }}
spec:
  policyName: {{ .name }}
  validationActions:
  {{- toYaml $root.Values.guard.actions | nindent 2 }}
{{- end }}
