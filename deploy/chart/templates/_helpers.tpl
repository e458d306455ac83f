{{- /* The names and labels, as packages/manifests has them. */}}
{{- define "proa.revision" -}}
{{- .Values.revision | default "default" -}}
{{- end }}

{{- define "proa.suffix" -}}
{{- $revision := include "proa.revision" . -}}
{{- if ne $revision "default" }}-{{ $revision }}{{ end -}}
{{- end }}

{{- define "proa.name" -}}
proa-injector{{ include "proa.suffix" . }}
{{- end }}

{{- define "proa.clusterName" -}}
{{ include "proa.name" . }}.{{ .Release.Namespace }}
{{- end }}

{{- define "proa.namespaceSuffix" -}}
{{- if ne .Release.Namespace "istio-system" }}-{{ .Release.Namespace }}{{ end -}}
{{- end }}

{{- define "proa.webhookConfiguration" -}}
istio-sidecar-injector{{ include "proa.suffix" . }}{{ include "proa.namespaceSuffix" . }}
{{- end }}

{{- define "proa.selectorLabels" -}}
app.kubernetes.io/name: proa-injector
app.kubernetes.io/instance: {{ include "proa.name" . }}
{{- end }}

{{- define "proa.labels" -}}
{{ include "proa.selectorLabels" . }}
app.kubernetes.io/part-of: proa
app.kubernetes.io/managed-by: {{ .Release.Service }}
istio.io/rev: {{ include "proa.revision" . | quote }}
{{- end }}

{{- define "proa.metadata" -}}
name: {{ include "proa.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "proa.labels" . | nindent 2 }}
{{- end }}

{{- /* The revision whose ConfigMaps are read, as a suffix of their names. */}}
{{- define "proa.configSuffix" -}}
{{- if eq .Values.configuration.from "existing" -}}
{{- $revision := .Values.configuration.revision | default "default" -}}
{{- if ne $revision "default" }}-{{ $revision }}{{ end -}}
{{- else -}}
{{- include "proa.suffix" . -}}
{{- end -}}
{{- end }}

{{- define "proa.failurePolicy" -}}
{{- .Values.failurePolicy | default (ternary "Ignore" "Fail" (has "Deny" .Values.guard.actions)) -}}
{{- end }}

{{- /* What the chart cannot be rendered with. */}}
{{- define "proa.check" -}}
{{- $revision := include "proa.revision" . -}}
{{- range concat (list $revision) .Values.tags }}
{{- if not (regexMatch "^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$" .) }}
{{- fail (printf "%q cannot be part of a name in Kubernetes; use lower-case letters, digits and \"-\", at most 40 of them" .) }}
{{- end }}
{{- end }}
{{- if has $revision .Values.tags }}
{{- fail (printf "tags: %q is the revision itself; a tag is another name for it" $revision) }}
{{- end }}
{{- if and (has "Deny" .Values.guard.actions) (has "Warn" .Values.guard.actions) }}
{{- fail "guard: Deny and Warn cannot be combined: whoever is refused needs no warning" }}
{{- end }}
{{- $config := .Values.configuration.texts.config }}
{{- if and .Values.guard.actions (eq .Values.configuration.from "own") $config }}
{{- $parsed := fromYaml $config }}
{{- if ne (get $parsed "policy" | default "enabled") "enabled" }}
{{- fail (printf "guard: the policy of the configuration is %q: Pods without a label of their own are not injected" (get $parsed "policy")) }}
{{- end }}
{{- if get $parsed "neverInjectSelector" }}
{{- fail "guard: the configuration has a neverInjectSelector: Pods that it matches are not injected" }}
{{- end }}
{{- end }}
{{- end }}
