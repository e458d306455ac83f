import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { injectPod } from '../inject.ts'

/** A template that puts annotations into the Pod without quoting them, as Istio's own did for years. */
const CARELESS = `
metadata:
  annotations: {
    copied: "{{ index .ObjectMeta.Annotations "note" }}",
  }
spec:
  containers:
  - name: istio-proxy
    image: proxy
    resources:
      requests:
        cpu: {{ index .ObjectMeta.Annotations "cpu" }}
    env:
    - name: FIXED
      value: "{{ index .ObjectMeta.Annotations "value" }}"
    - name: SUM
      value: {{ index .ObjectMeta.Annotations "value" | sha256sum }}
  {{- range $name, $volume := fromJSON (index .ObjectMeta.Annotations "volumes" | default "{}") }}
  volumes:
  - name: {{ $name }}
    {{ toYaml $volume | indent 4 }}
  {{- end }}
`

function inject(annotations: Readonly<Record<string, string>>) {
  const text = JSON.stringify({ policy: 'enabled', templates: { sidecar: CARELESS } })
  const configuration = loadConfiguration({ config: { source: 'config', text } }, { compat: 'current' })
  const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app', image: 'app' }] } }
  return injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
}

const HARMLESS = { cpu: '100m', value: 'v', note: 'n' }

describe('an annotation value can never add structure to the Pod', () => {
  it.each([
    ['a line with another field', 'cpu', '100m\n    securityContext:\n      privileged: true'],
    ['a second item behind a quote', 'value', 'x"\n    - name: EVIL\n      value: "y'],
    ['a field that replaces the template’s', 'value', 'x"\n      name: "OTHER'],
    ['an entry of the annotations', 'note', 'x", "sidecar.istio.io/interceptionMode": "NONE'],
    ['a flow mapping in place of a scalar', 'cpu', '{a: b}'],
    ['an anchor or alias', 'cpu', '&a [1]'],
  ])('%s is refused, naming the annotation', (_what, key, value) => {
    const result = inject({ ...HARMLESS, [key]: value })
    expect(result).toMatchObject({
      outcome: 'failed',
      error: { code: 'StructureInjection', path: `metadata.annotations["${key}"]` },
    })
  })

  it.each([
    ['quotes and colons inside a scalar', { note: "it's 12:30" }],
    ['a comment that YAML cuts off', { cpu: '100m # for now' }],
    ['structure that the template asks for by fromJSON', { volumes: '{"data":{"emptyDir":{}}}' }],
    ['line breaks in an annotation that no template reads', { description: 'one\ntwo: three\n- four' }],
  ])('%s stays possible', (_what, annotations) => {
    expect(inject({ ...HARMLESS, ...annotations }).outcome).toBe('injected')
  })

  it('the annotation proxy.istio.io/config is no way around it', () => {
    const text = `
spec:
  containers:
  - name: istio-proxy
    env:
    {{- range $key, $value := .ProxyConfig.ProxyMetadata }}
    - name: {{ $key }}
      value: "{{ $value }}"
    {{- end }}
`
    const config = JSON.stringify({ policy: 'enabled', templates: { sidecar: text } })
    const configuration = loadConfiguration({ config: { source: 'config', text: config } }, { compat: 'current' })
    const annotations = { 'proxy.istio.io/config': JSON.stringify({ proxyMetadata: { A: 'x"\n    - name: "EVIL' } }) }
    const pod = { metadata: { annotations }, spec: { containers: [{ name: 'app', image: 'app' }] } }
    expect(injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)).toMatchObject({
      outcome: 'failed',
      error: { code: 'StructureInjection', path: 'metadata.annotations["proxy.istio.io/config"]' },
    })
  })
})
