/**
 * proa's own sidecar template: what is injected when no configuration is given. It brings Istio's proxy image with the
 * interface that Istio's control plane expects, and quotes every value that comes from a Pod.
 */
export const BUILTIN_SIDECAR_TEMPLATE = `
{{- $meta := .ObjectMeta }}
{{- $proxy := .Values.global.proxy }}
{{- $mode := annotation $meta "sidecar.istio.io/interceptionMode" .ProxyConfig.InterceptionMode }}
{{- $tproxy := eq $mode "TPROXY" }}
{{- $cni := .Values.pilot.cni.enabled }}
{{- $native := ne (index $meta.Annotations "sidecar.istio.io/nativeSidecar" | default (printf "%t" .NativeSidecars)) "false" }}
{{- $captures := ne $mode "NONE" }}
{{- $hold := and (or .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue $proxy.holdApplicationUntilProxyStarts) (not $native) }}
{{- $statusPort := annotation $meta "status.sidecar.istio.io/port" $proxy.statusPort }}
{{- $excludedInbound := excludeInboundPort $statusPort (annotation $meta "traffic.sidecar.istio.io/excludeInboundPorts" $proxy.excludeInboundPorts) }}
{{- $includeOutboundRanges := annotation $meta "traffic.sidecar.istio.io/includeOutboundIPRanges" $proxy.includeIPRanges }}
{{- $excludeOutboundRanges := annotation $meta "traffic.sidecar.istio.io/excludeOutboundIPRanges" $proxy.excludeIPRanges }}
{{- $includeInboundPorts := annotation $meta "traffic.sidecar.istio.io/includeInboundPorts" $proxy.includeInboundPorts }}
{{- $includeOutboundPorts := annotation $meta "traffic.sidecar.istio.io/includeOutboundPorts" $proxy.includeOutboundPorts }}
{{- $excludeOutboundPorts := annotation $meta "traffic.sidecar.istio.io/excludeOutboundPorts" $proxy.excludeOutboundPorts }}
{{- $kubevirt := index $meta.Annotations "istio.io/reroute-virtual-interfaces" | default (index $meta.Annotations "traffic.sidecar.istio.io/kubevirtInterfaces") }}
{{- $excludeInterfaces := index $meta.Annotations "traffic.sidecar.istio.io/excludeInterfaces" }}
{{- $logLevel := annotation $meta "sidecar.istio.io/agentLogLevel" .Values.global.logging.level }}
{{- $trustDomain := valueOrDefault .MeshConfig.TrustDomain .Values.global.trustDomain }}
{{- $revision := "" }}
{{- with .Values.revision }}{{ $revision = printf "-%s" . }}{{ end }}
{{- $app := list }}
{{- range .Spec.Containers }}{{ if ne .Name "istio-proxy" }}{{ $app = append $app .Name }}{{ end }}{{ end }}
{{- /* Each of the four amounts on its own: setting one keeps the defaults of the others. */}}
{{- define "resources" }}
{{- $meta := .ObjectMeta }}
{{- $defaults := .Values.global.proxy.resources }}
      requests:
        cpu: {{ index $meta.Annotations "sidecar.istio.io/proxyCPU" | default (index $defaults.requests "cpu") | quote }}
        memory: {{ index $meta.Annotations "sidecar.istio.io/proxyMemory" | default (index $defaults.requests "memory") | quote }}
      limits:
        cpu: {{ index $meta.Annotations "sidecar.istio.io/proxyCPULimit" | default (index $defaults.limits "cpu") | quote }}
        memory: {{ index $meta.Annotations "sidecar.istio.io/proxyMemoryLimit" | default (index $defaults.limits "memory") | quote }}
{{- end }}
metadata:
  labels:
    security.istio.io/tlsMode: {{ index $meta.Labels "security.istio.io/tlsMode" | default "istio" | quote }}
    service.istio.io/canonical-name: {{ index $meta.Labels "service.istio.io/canonical-name" | default (index $meta.Labels "app.kubernetes.io/name") | default (index $meta.Labels "app") | default .DeploymentMeta.Name | trunc 63 | trimAll "-_." | quote }}
    service.istio.io/canonical-revision: {{ index $meta.Labels "service.istio.io/canonical-revision" | default (index $meta.Labels "app.kubernetes.io/version") | default (index $meta.Labels "version") | default "latest" | quote }}
  annotations:
    istio.io/rev: {{ .Revision | default "default" | quote }}
{{- with $app }}
{{- if not (isset $meta.Annotations "kubectl.kubernetes.io/default-container") }}
    kubectl.kubernetes.io/default-container: {{ index . 0 | quote }}
{{- end }}
{{- if not (isset $meta.Annotations "kubectl.kubernetes.io/default-logs-container") }}
    kubectl.kubernetes.io/default-logs-container: {{ index . 0 | quote }}
{{- end }}
{{- end }}
{{- if $cni }}
    sidecar.istio.io/interceptionMode: {{ $mode | quote }}
    traffic.sidecar.istio.io/includeOutboundIPRanges: {{ $includeOutboundRanges | quote }}
    traffic.sidecar.istio.io/excludeOutboundIPRanges: {{ $excludeOutboundRanges | quote }}
    traffic.sidecar.istio.io/includeInboundPorts: {{ $includeInboundPorts | quote }}
    traffic.sidecar.istio.io/excludeInboundPorts: {{ $excludedInbound | quote }}
{{- with $includeOutboundPorts }}
    traffic.sidecar.istio.io/includeOutboundPorts: {{ . | quote }}
{{- end }}
{{- with $excludeOutboundPorts }}
    traffic.sidecar.istio.io/excludeOutboundPorts: {{ . | quote }}
{{- end }}
{{- end }}
spec:
{{- if $captures }}
  initContainers:
  - name: {{ if $cni }}istio-validation{{ else }}istio-init{{ end }}
    image: {{ annotation $meta "sidecar.istio.io/proxyImage" .ProxyImage | quote }}
    args:
    - istio-iptables
    - "-p"
    - {{ .MeshConfig.ProxyListenPort | default "15001" | quote }}
    - "-z"
    - {{ .MeshConfig.ProxyInboundListenPort | default "15006" | quote }}
    - "-u"
    - {{ if $tproxy }}"1337"{{ else }}{{ .ProxyUID | quote }}{{ end }}
    - "-m"
    - {{ $mode | quote }}
    - "-i"
    - {{ $includeOutboundRanges | quote }}
    - "-x"
    - {{ $excludeOutboundRanges | quote }}
    - "-b"
    - {{ $includeInboundPorts | quote }}
    - "-d"
    - {{ list "15090" "15021" $excludedInbound | compact | join "," | quote }}
{{- with $includeOutboundPorts }}
    - "-q"
    - {{ . | quote }}
{{- end }}
{{- with $excludeOutboundPorts }}
    - "-o"
    - {{ . | quote }}
{{- end }}
{{- with $kubevirt }}
    - "-k"
    - {{ . | quote }}
{{- end }}
{{- with $excludeInterfaces }}
    - "-c"
    - {{ . | quote }}
{{- end }}
    - {{ printf "--log_output_level=%s" $logLevel | quote }}
{{- if $cni }}
    - "--run-validation"
    - "--skip-rule-apply"
{{- end }}
{{- with .ProxyConfig.ProxyMetadata }}
    env:
{{- range $key, $value := . }}
    - name: {{ $key | quote }}
      value: {{ $value | quote }}
{{- end }}
{{- end }}
    resources:
{{- template "resources" . }}
    securityContext:
      allowPrivilegeEscalation: {{ $proxy.privileged }}
      privileged: {{ $proxy.privileged }}
      capabilities:
{{- if not $cni }}
        add: [NET_ADMIN, NET_RAW]
{{- end }}
        drop: [ALL]
{{- if $cni }}
      readOnlyRootFilesystem: true
      runAsNonRoot: true
      runAsUser: {{ .ProxyUID }}
      runAsGroup: {{ .ProxyGID }}
{{- else }}
      readOnlyRootFilesystem: false
      runAsNonRoot: false
      runAsUser: 0
      runAsGroup: 0
{{- end }}
{{- else if $native }}
  initContainers:
{{- end }}
{{- if not $native }}
  containers:
{{- end }}
  - name: istio-proxy
    image: {{ annotation $meta "sidecar.istio.io/proxyImage" .ProxyImage | quote }}
{{- if $native }}
    restartPolicy: Always
{{- end }}
    args:
    - proxy
    - sidecar
    - --domain
    - {{ printf "$(POD_NAMESPACE).svc.%s" $proxy.clusterDomain | quote }}
    - {{ printf "--proxyLogLevel=%s" (annotation $meta "sidecar.istio.io/logLevel" $proxy.logLevel) | quote }}
    - {{ printf "--proxyComponentLogLevel=%s" (annotation $meta "sidecar.istio.io/componentLogLevel" $proxy.componentLogLevel) | quote }}
    - {{ printf "--log_output_level=%s" $logLevel | quote }}
    ports:
    - name: http-envoy-prom
      containerPort: 15090
      protocol: TCP
{{- if $hold }}
    lifecycle:
      postStart:
        exec:
          command: [pilot-agent, wait]
{{- else if $native }}
    lifecycle:
      preStop:
        exec:
          command: [pilot-agent, request, {{ printf "--debug-port=%s" $statusPort | quote }}, POST, drain]
{{- end }}
    env:
    - name: PILOT_CERT_PROVIDER
      value: {{ .Values.global.pilotCertProvider | quote }}
    - name: CA_ADDR
      value: {{ .Values.global.caAddress | default (printf "istiod%s.%s.svc:15012" $revision .Values.global.istioNamespace) | quote }}
{{- range $name, $path := dict "POD_NAME" "metadata.name" "POD_NAMESPACE" "metadata.namespace" "INSTANCE_IP" "status.podIP" "SERVICE_ACCOUNT" "spec.serviceAccountName" "HOST_IP" "status.hostIP" "ISTIO_META_NODE_NAME" "spec.nodeName" }}
    - name: {{ $name }}
      valueFrom:
        fieldRef:
          fieldPath: {{ $path }}
{{- end }}
    - name: ISTIO_CPU_LIMIT
      valueFrom:
        resourceFieldRef:
          resource: limits.cpu
          divisor: "1"
    - name: GOMEMLIMIT
      valueFrom:
        resourceFieldRef:
          resource: limits.memory
          divisor: "1"
    - name: PROXY_CONFIG
      value: {{ protoToJSON .ProxyConfig | quote }}
{{- $ports := list }}
{{- range .Spec.Containers }}{{ range .Ports }}{{ $ports = append $ports (structToJSON .) }}{{ end }}{{ end }}
    - name: ISTIO_META_POD_PORTS
      value: {{ printf "[%s]" (join "," $ports) | quote }}
    - name: ISTIO_META_APP_CONTAINERS
      value: {{ join "," $app | quote }}
    - name: ISTIO_META_CLUSTER_ID
      value: {{ valueOrDefault .Values.global.multiCluster.clusterName "Kubernetes" | quote }}
    - name: ISTIO_META_INTERCEPTION_MODE
      value: {{ $mode | quote }}
{{- with .Values.global.network }}
    - name: ISTIO_META_NETWORK
      value: {{ . | quote }}
{{- end }}
{{- with index $meta.Labels "service.istio.io/workload-name" | default .DeploymentMeta.Name }}
    - name: ISTIO_META_WORKLOAD_NAME
      value: {{ . | quote }}
{{- end }}
{{- if and .TypeMeta.APIVersion .DeploymentMeta.Name }}
    - name: ISTIO_META_OWNER
      value: {{ printf "kubernetes://apis/%s/namespaces/%s/%ss/%s" .TypeMeta.APIVersion (.DeploymentMeta.Namespace | default "default") (toLower .TypeMeta.Kind) .DeploymentMeta.Name | quote }}
{{- end }}
{{- with .Values.global.meshID | default $trustDomain }}
    - name: ISTIO_META_MESH_ID
      value: {{ . | quote }}
{{- end }}
{{- with $trustDomain }}
    - name: TRUST_DOMAIN
      value: {{ . | quote }}
{{- end }}
{{- with .CompliancePolicy }}
    - name: COMPLIANCE_POLICY
      value: {{ . | quote }}
{{- end }}
{{- range $key, $value := .ProxyConfig.ProxyMetadata }}
    - name: {{ $key | quote }}
      value: {{ $value | quote }}
{{- end }}
{{- if ne $statusPort "0" }}
    startupProbe:
      httpGet: { path: /healthz/ready, port: 15021 }
      periodSeconds: 1
      timeoutSeconds: 3
      failureThreshold: {{ $proxy.startupProbe.failureThreshold }}
    readinessProbe:
      httpGet: { path: /healthz/ready, port: 15021 }
      initialDelaySeconds: {{ annotation $meta "readiness.status.sidecar.istio.io/initialDelaySeconds" $proxy.readinessInitialDelaySeconds }}
      periodSeconds: {{ annotation $meta "readiness.status.sidecar.istio.io/periodSeconds" $proxy.readinessPeriodSeconds }}
      failureThreshold: {{ annotation $meta "readiness.status.sidecar.istio.io/failureThreshold" $proxy.readinessFailureThreshold }}
      timeoutSeconds: 3
{{- end }}
    resources:
{{- template "resources" . }}
    securityContext:
      allowPrivilegeEscalation: {{ $proxy.privileged }}
      privileged: {{ $proxy.privileged }}
      readOnlyRootFilesystem: true
      capabilities:
{{- if $tproxy }}
        add: [NET_ADMIN]
{{- end }}
        drop: [ALL]
{{- if $tproxy }}
      runAsNonRoot: false
      runAsUser: 0
      runAsGroup: 1337
{{- else }}
      runAsNonRoot: true
      runAsUser: {{ .ProxyUID }}
      runAsGroup: {{ .ProxyGID }}
{{- end }}
    volumeMounts:
    - { name: workload-socket, mountPath: /var/run/secrets/workload-spiffe-uds }
    - { name: credential-socket, mountPath: /var/run/secrets/credential-uds }
    - { name: workload-certs, mountPath: /var/run/secrets/workload-spiffe-credentials }
    - { name: istiod-ca-cert, mountPath: /var/run/secrets/istio }
    - { name: istio-data, mountPath: /var/lib/istio/data }
    - { name: istio-envoy, mountPath: /etc/istio/proxy }
    - { name: istio-token, mountPath: /var/run/secrets/tokens }
    - { name: istio-podinfo, mountPath: /etc/istio/pod }
{{- if isset $meta.Annotations "sidecar.istio.io/userVolumeMount" }}
{{- range $name, $mount := fromJSON (index $meta.Annotations "sidecar.istio.io/userVolumeMount") }}
    - name: {{ $name | quote }}
      {{- toYaml $mount | nindent 6 }}
{{- end }}
{{- end }}
  volumes:
  - { name: workload-socket, emptyDir: {} }
  - { name: credential-socket, emptyDir: {} }
  - { name: workload-certs, emptyDir: {} }
  - { name: istio-envoy, emptyDir: { medium: Memory } }
  - { name: istio-data, emptyDir: {} }
  - name: istio-podinfo
    downwardAPI:
      items:
      - { path: labels, fieldRef: { fieldPath: metadata.labels } }
      - { path: annotations, fieldRef: { fieldPath: metadata.annotations } }
  - name: istio-token
    projected:
      sources:
      - serviceAccountToken:
          path: istio-token
          expirationSeconds: 43200
          audience: {{ .Values.global.sds.token.aud | quote }}
  - name: istiod-ca-cert
    configMap:
      name: {{ .Values.global.trustBundleName | default "istio-ca-root-cert" | quote }}
{{- if isset $meta.Annotations "sidecar.istio.io/userVolume" }}
{{- range $name, $volume := fromJSON (index $meta.Annotations "sidecar.istio.io/userVolume") }}
  - name: {{ $name | quote }}
    {{- toYaml $volume | nindent 4 }}
{{- end }}
{{- end }}
{{- with .Values.global.imagePullSecrets }}
  imagePullSecrets:
{{- range . }}
  - name: {{ . | quote }}
{{- end }}
{{- end }}
`
