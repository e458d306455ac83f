/** A configuration that is small enough to foresee what it injects, as the three files that Istio's injector reads. */
export const configuration = `policy: enabled
defaultTemplates: [sidecar]
neverInjectSelector:
- matchLabels: {never: inject}
templates:
  sidecar: |
    spec:
      containers:
      - name: istio-proxy
        image: {{ .Values.global.hub }}/proxy:{{ .Values.global.tag }}
        ports:
        - containerPort: 15090
`

export const values = '{"global": {"hub": "example.com", "tag": "t1"}}'

export const mesh = 'trustDomain: example.com\n'

const indent = (text: string) => text.trimEnd().replaceAll(/^/gm, '    ')

/** The same as `kubectl get configmap -o yaml` prints it. */
export const configMap = `apiVersion: v1
kind: ConfigMap
metadata:
  name: istio-sidecar-injector
  namespace: istio-system
data:
  config: |
${indent(configuration)}
  values: |
${indent(values)}
`
