import { compileTemplate, type FunctionMap, type PlainMap } from '@proa/go-template'
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { objectView } from '../data/pod-view.ts'
import {
  applyMeshConfig,
  defaultMeshConfig,
  defaultProxyConfig,
  MESH_CONFIG,
  messageView,
  PROXY_CONFIG,
} from '../mesh/index.ts'
import { injectionFunctions } from './index.ts'

const MINOR = 31
const METADATA = {
  labels: { app: 'cart', tier: '<b>' },
  annotations: { given: 'v', empty: '' },
}
const SPEC = {
  containers: [
    {
      name: 'app',
      image: 'i',
      ports: [
        { containerPort: 80, name: 'http' },
        { containerPort: 53, protocol: 'UDP' },
        { containerPort: 443, protocol: 'TCP' },
      ],
    },
    { name: 'istio-proxy', image: 'auto', ports: [{ containerPort: 15090 }] },
  ],
}

function functionsOf(minor: number): FunctionMap {
  return injectionFunctions({
    minor,
    env: (name) => ({ SET: 'yes', BLANK: '' })[name],
    onStructure: () => undefined,
    renderText: (text) => `rendered ${text}`,
  })
}

function printed(expression: string, minor = MINOR): string {
  const data: PlainMap = {
    ProxyConfig: messageView(PROXY_CONFIG, defaultProxyConfig(minor), minor),
    ObjectMeta: objectView('v1.ObjectMeta', METADATA),
    Spec: objectView('v1.PodSpec', SPEC),
    Values: {},
  }
  return compileTemplate('inject', `{{ ${expression} }}`, { functions: functionsOf(minor) }).execute(data)
}

// What Istio itself prints, in a template of one expression.
describe("Istio's template functions", () => {
  it.each([
    ['excludeInboundPort "15020" "80,443"', '80,443,15020'],
    ['excludeInboundPort 15020 ""', '15020'],
    ['excludeInboundPort "0" "80"', '80'],
    ['excludeInboundPort "" "80"', '80'],
    ['excludeInboundPort "80" "80,443"', '80,443'],
    ['excludeInboundPort "80" " 80,443"', '80,443,80'],
    ['excludeInboundPort "443" "80,, 81 "', '80,81,443'],
    ['excludeInboundPort nil "81"', '81,<nil>'],
    ['includeInboundPorts .Spec.Containers', '80,443,15090'],
    ['applicationPorts .Spec.Containers', '80,443'],
    ['kubevirtInterfaces "net1,net2"', 'net1,net2'],
  ])('of ports and interfaces: %s', (expression, expected) => {
    expect(printed(expression)).toBe(expected)
  })

  it.each([
    ['indent 2 "a\\nb\\n"', 'a\n  b\n  '],
    ['indent -1 "a\\nb"', 'a\n b'],
    ['valueOrDefault "" "d"', 'd'],
    ['valueOrDefault nil "d"', 'd'],
    ['valueOrDefault 0 "d"', '0'],
    ['valueOrDefault false "d"', 'false'],
    ['directory "/etc/istio/proxy"', '/etc/istio/'],
    ['directory "file"', ''],
    ['contains "is" "istio"', 'true'],
    ['toLower "IÀΣİ"', 'iàσi'],
    ['env "SET" "fallback"', 'yes'],
    ['env "BLANK" "fallback"', 'fallback'],
    ['env "UNSET" "fallback"', 'fallback'],
    ['annotation .ObjectMeta "given" "d"', 'v'],
    ['annotation .ObjectMeta "empty" "d"', ''],
    ['annotation .ObjectMeta "missing" 15020', '15020'],
    ['annotation .ObjectMeta "missing" .Values.missing', '<nil>'],
    ['isset .ObjectMeta.Annotations "empty"', 'true'],
    ['isset .ObjectMeta.Annotations "missing"', 'false'],
    ['formatDuration .ProxyConfig.DrainDuration', '45s'],
    ['.ProxyConfig.TerminationDrainDuration | formatDuration', '5s'],
  ])('of texts: %s', (expression, expected) => {
    expect(printed(expression)).toBe(expected)
  })

  it.each([
    ['toJSON .ObjectMeta.Labels', '{"app":"cart","tier":"\\u003cb\\u003e"}'],
    ['toJSON mergeMaps', '{}'],
    ['fromJSON `{"a": [1, "x"]}`', 'map[a:[1 x]]'],
    ['fromJSON `oops`', '{}'],
    [
      'structToJSON (index .Spec.Containers 0).Ports',
      '[{"name":"http","containerPort":80},{"containerPort":53,"protocol":"UDP"},{"containerPort":443,"protocol":"TCP"}]',
    ],
    [
      'structToJSON (index .Spec.Containers 1)',
      '{"name":"istio-proxy","image":"auto","ports":[{"containerPort":15090}],"resources":{}}',
    ],
    [
      'structToJSON .ObjectMeta',
      '{"labels":{"app":"cart","tier":"\\u003cb\\u003e"},"annotations":{"empty":"","given":"v"}}',
    ],
    ['structToJSON nil', '{}'],
    ['structToJSON .Spec.SecurityContext', 'null'],
    ['protoToJSON .ProxyConfig', '{}'],
    ['protoToJSON nil', '{}'],
    ['toYaml (dict "b" 1 "a" (list "x" true))', 'a:\n- x\n- true\nb: 1\n'],
    ['toYaml mergeMaps', 'null\n'],
  ])('of JSON and YAML: %s', (expression, expected) => {
    expect(printed(expression)).toBe(expected)
  })

  it.each(['toYaml', 'structToJSON', 'omitNil'])(
    '%s ends where data contains itself, or one part again and again',
    (name) => {
      const circle = '{{ $d := dict }}{{ $_ := set $d "a" $d }}'
      const twice = '{{ $d := dict }}{{ range 60 }}{{ $d = dict "a" $d "b" $d }}{{ end }}'
      expect(() => printed(`"" }}${circle}{{ ${name} $d`)).toThrow('nested more than 500 levels deep')
      expect(() => printed(`"" }}${twice}{{ ${name} $d`)).toThrow('too many values to go through')
    },
  )

  it.each([
    ['omit .ObjectMeta.Labels "app"', 'map[tier:<b>]'],
    ['strdict "a" "1" "b"', 'map[a:1 b:]'],
    ['strdict "__proto__" "x" "a" "1"', 'map[__proto__:x a:1]'],
    ['omit (strdict "__proto__" "x" "a" "1") "a"', 'map[__proto__:x]'],
    ['mergeMaps (strdict "a" "1" "b" "1") (strdict "b" "2")', 'map[a:1 b:2]'],
    ['toJsonMap (strdict "a" "1") (strdict "b" "<2>")', '{"a":"1","b":"\\u003c2\\u003e"}'],
    ['toJsonMap', 'null'],
    ['omitNil (fromJSON `{"a":null,"b":{"c":null},"d":[null,1],"e":{},"f":[null]}`)', 'map[d:[1] e:map[]]'],
    ['omitNil (fromJSON `{"a":null}`)', '<no value>'],
    ['omitNil 1', '1'],
  ])('of maps: %s', (expression, expected) => {
    expect(printed(expression)).toBe(expected)
  })
})

describe('appendMultusNetwork', () => {
  it.each([
    ['', 'istio-cni', 'istio-cni'],
    ['a, b', 'istio-cni', 'a, b, istio-cni'],
    ['a,istio-cni', 'istio-cni', 'a,istio-cni'],
    ['{"a":1}', 'istio-cni', '{"a":1}, istio-cni'],
    ['[{"name":"a"}]', 'istio-cni', '[{"name":"a"}, {"name": "istio-cni"}]'],
    ['[{"name":"istio-cni"}]', 'istio-cni', '[{"name":"istio-cni"}]'],
    ['[{"name":"a"}]', 'default/istio-cni', '[{"name":"a"}, {"name": "istio-cni", "namespace": "default"}]'],
    [
      '[{"name":"istio-cni","namespace":"default"}]',
      'default/istio-cni',
      '[{"name":"istio-cni","namespace":"default"}]',
    ],
    ['[]', 'istio-cni', '[, {"name": "istio-cni"}]'],
    ['[not json]', 'istio-cni', '[not json]'],
  ])('%j and %s', (existing, network, expected) => {
    expect(printed(`appendMultusNetwork \`${existing}\` "${network}"`)).toBe(expected)
  })

  it('did not split the namespace until 1.22, and did not look in 1.8', () => {
    const add = (minor: number): string => printed('appendMultusNetwork `[{"name":"x"}]` "ns/x"', minor)
    expect(add(22)).toBe('[{"name":"x"}, {"name": "ns/x"}]')
    expect(printed('appendMultusNetwork `[{"name":"x"}]` "x"', 8)).toBe('[{"name":"x"}, {"name": "x"}]')
  })
})

describe('functions that only some releases have', () => {
  it('render until 1.13, and toJson as Istio’s own until 1.18', () => {
    expect(printed('render "x"', 13)).toBe('rendered x')
    expect(() => printed('render "x"', 14)).toThrow('function "render" not defined')
    expect(() => printed('toJson "x"', 18)).toThrow('for arg of type map[string]string')
    expect(printed('toJson "x"', 19)).toBe('"x"')
  })
})

describe('otelResourceAttributes', () => {
  const provider = {
    name: 'otel',
    opentelemetry: { service: 'otel.example', port: 4317, serviceAttributeEnrichment: 'OTEL_SEMANTIC_CONVENTIONS' },
  }

  function attributes(
    metadata: JsonObject,
    containers: readonly JsonObject[],
    providers: readonly JsonObject[] = [provider],
  ): string {
    const mesh = applyMeshConfig(defaultMeshConfig(MINOR), { extensionProviders: providers }, MINOR)
    const data: PlainMap = {
      MeshConfig: messageView(MESH_CONFIG, mesh, MINOR),
      ObjectMeta: objectView('v1.ObjectMeta', metadata),
      Spec: objectView('v1.PodSpec', { containers }),
    }
    const text =
      '{{ otelResourceAttributes .MeshConfig .ObjectMeta.Annotations .ObjectMeta.Labels "shop" .Spec.Containers }}'
    return compileTemplate('inject', text, { functions: functionsOf(MINOR) }).execute(data)
  }

  const app = (image: string): JsonObject => ({ name: 'app', image })

  it.each([
    ['registry.example:5000/cart:1.2', ',service.version=1.2'],
    ['cart@sha256:abc', ',service.version=sha256:abc'],
    ['cart:1.2@sha256:abc', ',service.version=1.2@sha256:abc'],
    ['registry.example:5000/cart', ''],
  ])('reads the version from the image %s', (image, version) => {
    expect(attributes({}, [app(image)])).toBe(
      `service.namespace=shop${version},service.instance.id=shop.$(POD_NAME).app`,
    )
  })

  it('prefers annotations, then the label of the version', () => {
    const prefix = 'resource.opentelemetry.io/service.'
    const annotations = { [`${prefix}namespace`]: 'n', [`${prefix}version`]: 'v', [`${prefix}instance.id`]: 'i' }
    expect(attributes({ annotations }, [app('cart:1')])).toBe(
      'service.namespace=n,service.version=v,service.instance.id=i',
    )
    expect(attributes({ labels: { 'app.kubernetes.io/version': '7' } }, [app('cart:1')])).toContain(
      'service.version=7,',
    )
  })

  it('takes no version from one of several containers', () => {
    expect(attributes({}, [app('cart:1'), { name: 'b', image: 'b:2' }])).not.toContain('service.version')
  })

  it('is empty unless a provider of the mesh asks for it', () => {
    expect(attributes({}, [app('cart:1')], [])).toBe('')
    expect(attributes({}, [app('cart:1')], [{ name: 'z', zipkin: { service: 'z.example', port: 9411 } }])).toBe('')
  })
})
