import {
  compileTemplate,
  formatValue,
  type GoFunction,
  type GoNilPointer,
  type GoStruct,
  goKind,
  goSprint,
  goTypeName,
  isTruthy,
  type Value,
} from '@proa/go-template'
import { describe, expect, it } from 'vitest'
import {
  defaultMeshConfig,
  defaultProxyConfig,
  formatDuration,
  MESH_CONFIG,
  messageText,
  messageView,
  PROXY_CONFIG,
  readMessage,
} from './index.ts'

/** `.A.GetB.C` on a view: methods before fields, as templates resolve names. */
function follow(start: Value, path: string): Value {
  let value = start
  for (const name of path.split('.')) {
    const target = value as GoStruct | GoNilPointer
    const method: GoFunction | undefined = target.method?.(name)
    if (method !== undefined) value = method.call([])
    else if (target[goKind] === 'struct' && target.hasField(name)) value = target.field(name)
    else throw new Error(`no ${name} in ${goTypeName(value)}`)
  }
  return value
}

const proxy = (json: Parameters<typeof readMessage>[1]): GoStruct =>
  messageView(PROXY_CONFIG, readMessage(PROXY_CONFIG, json))

describe('what charts read of .ProxyConfig', () => {
  it('prints an enum by name, with and without .String, and its zero is false', () => {
    expect(formatValue(follow(proxy({ interceptionMode: 'TPROXY' }), 'InterceptionMode'))).toBe('TPROXY')
    expect(follow(proxy({}), 'InterceptionMode.String')).toBe('REDIRECT')
    expect(isTruthy(follow(proxy({}), 'InterceptionMode'))).toBe(false)
    expect(goSprint([follow(proxy({ interceptionMode: 2 }), 'InterceptionMode')])).toBe('NONE')
    expect(goTypeName(follow(proxy({}), 'InterceptionMode'))).toBe('v1alpha1.ProxyConfig_InboundInterceptionMode')
  })

  it('answers getters of unset messages with zero values', () => {
    expect(follow(proxy({}), 'HoldApplicationUntilProxyStarts.GetValue')).toBe(false)
    expect(goSprint([follow(proxy({}), 'Concurrency.GetValue')])).toBe('0')
    expect(goSprint([follow(proxy({}), 'GetTracing.GetTlsSettings.GetCaCertificates')])).toBe('')
    expect(isTruthy(follow(proxy({}), 'GetTracing.GetTlsSettings'))).toBe(false)
    expect(goSprint([follow(proxy({}), 'GetTracing.GetZipkin.GetAddress')])).toBe('')
  })

  it('tells a set false wrapper from an unset one', () => {
    expect(isTruthy(follow(proxy({ holdApplicationUntilProxyStarts: false }), 'HoldApplicationUntilProxyStarts'))).toBe(
      true,
    )
    expect(isTruthy(follow(proxy({}), 'HoldApplicationUntilProxyStarts'))).toBe(false)
    expect(goSprint([follow(proxy({ concurrency: 2 }), 'Concurrency.Value')])).toBe('2')
  })

  it('has maps, lists, nested messages and oneofs', () => {
    const view = proxy({
      proxyMetadata: { B: '2', A: '1' },
      caCertificatesPem: ['x'],
      tracing: { zipkin: { address: 'z:1' } },
    })
    expect(formatValue(view.field('ProxyMetadata'))).toBe('map[A:1 B:2]')
    expect(formatValue(view.field('CaCertificatesPem'))).toBe('[x]')
    expect(follow(view, 'Tracing.GetZipkin.Address')).toBe('z:1')
    expect(follow(view, 'Tracing.Tracer.Zipkin.Address')).toBe('z:1')
    expect(goTypeName(follow(view, 'Tracing.Tracer'))).toBe('*v1alpha1.Tracing_Zipkin_')
    expect(follow(proxy({ serviceCluster: 'c' }), 'ClusterName.ServiceCluster')).toBe('c')
    expect(follow(proxy({}), 'ClusterName')).toBeNull()
    expect(formatValue(follow(proxy({ tracingServiceName: 'CANONICAL_NAME_ONLY' }), 'GetTracingServiceName'))).toBe(
      'CANONICAL_NAME_ONLY',
    )
  })

  it('gives durations Go’s methods', () => {
    const view = proxy({ drainDuration: '1m30s' })
    expect(formatDuration(view.field('DrainDuration'))).toBe('1m30s')
    expect(formatValue(follow(view, 'DrainDuration.AsDuration'))).toBe('1m30s')
    expect(formatValue(follow(view, 'DrainDuration'))).toBe('seconds:90')
    expect(follow(view, 'DrainDuration.AsDuration.Seconds')).toBe(90)
    expect(formatDuration(proxy({}).field('DrainDuration'))).toBe('0s')
  })

  it('prints as protobuf text', () => {
    const view = proxy({
      configPath: '/x',
      drainDuration: '45s',
      concurrency: 0,
      proxyMetadata: { a: 'b' },
      tracing: {},
    })
    expect(formatValue(view)).toBe(
      'config_path:"/x" drain_duration:{seconds:45} concurrency:{} tracing:{} proxy_metadata:{key:"a" value:"b"}',
    )
  })
})

describe('in a template', () => {
  const render = (text: string, json: Parameters<typeof readMessage>[1]): string =>
    compileTemplate('inject', text).execute({ ProxyConfig: proxy(json) })

  it.each([
    ['{{ .ProxyConfig.InterceptionMode }} {{ .ProxyConfig.InterceptionMode.String }}', 'TPROXY TPROXY'],
    ['{{ if eq .ProxyConfig.InterceptionMode.String "TPROXY" }}yes{{ end }}', 'yes'],
    ['{{ if .ProxyConfig.HoldApplicationUntilProxyStarts.GetValue }}hold{{ else }}no{{ end }}', 'no'],
    ['{{ with .ProxyConfig.GetTracing.GetTlsSettings }}{{ .CaCertificates }}{{ else }}none{{ end }}', 'none'],
    ['{{ range $k, $v := .ProxyConfig.ProxyMetadata }}{{ $k }}={{ $v }};{{ end }}', 'A=1;B=2;'],
    ['{{ .ProxyConfig.DrainDuration.AsDuration }} {{ .ProxyConfig.GetConcurrency.GetValue }}', '5s 0'],
  ])('%s', (text, want) => {
    expect(render(text, { interceptionMode: 'TPROXY', proxyMetadata: { B: '2', A: '1' }, drainDuration: '5s' })).toBe(
      want,
    )
  })

  it('fails on a field of a nil message and on a field that does not exist, as Go does', () => {
    expect(() => render('{{ .ProxyConfig.Tracing.Sampling }}', {})).toThrow(
      'nil pointer evaluating *v1alpha1.Tracing.Sampling',
    )
    expect(() => compileTemplate('inject', '{{ .Nope }}').execute(proxy({}))).toThrow(
      "can't evaluate field Nope in type *v1alpha1.ProxyConfig",
    )
  })
})

describe('.MeshConfig', () => {
  const mesh = messageView(MESH_CONFIG, defaultMeshConfig(31))
  it('has ports, trust domain and extension providers', () => {
    expect(formatValue(mesh.field('ProxyListenPort'))).toBe('15001')
    expect(mesh.field('TrustDomain')).toBe('cluster.local')
    const providers = mesh.field('ExtensionProviders') as readonly Value[]
    expect(providers.map((provider) => follow(provider, 'Name'))).toEqual(['prometheus', 'stackdriver', 'envoy'])
    expect(goSprint([follow(mesh, 'GetDefaultConfig.GetStatusPort')])).toBe('15020')
    expect(follow(mesh, 'EnableAutoMtls.GetValue')).toBe(true)
  })

  it('knows only the fields of its release', () => {
    expect(messageView(MESH_CONFIG, {}, 17).hasField('ProxyInboundListenPort')).toBe(false)
    expect(messageView(MESH_CONFIG, {}, 18).hasField('ProxyInboundListenPort')).toBe(true)
    expect(messageView(PROXY_CONFIG, {}, 16).hasField('ParentShutdownDuration')).toBe(true)
    expect(messageView(PROXY_CONFIG, {}, 17).hasField('ParentShutdownDuration')).toBe(false)
  })
})

describe('protoToJSON', () => {
  it('drops defaults of a ProxyConfig and prints other messages in full', () => {
    const view = messageView(PROXY_CONFIG, { ...defaultProxyConfig(31), concurrency: 0 })
    expect(messageText(view, 31)).toBe('{"concurrency":0}')
    expect(messageText(follow(view, 'DrainDuration'), 31)).toBe('"45s"')
    expect(messageText(follow(view, 'Concurrency'), 31)).toBe('0')
    expect(messageText(messageView(MESH_CONFIG, { localityLbSetting: { enabled: true } }), 31)).toBe(
      '{"localityLbSetting":{"enabled":true}}',
    )
  })

  it('is {} for nil of any kind and an error for what is no message', () => {
    expect(messageText(null, 31)).toBe('{}')
    expect(messageText(follow(proxy({}), 'GetTracing'), 31)).toBe('{}')
    expect(() => messageText('text', 31)).toThrow('wrong type for value')
  })
})
