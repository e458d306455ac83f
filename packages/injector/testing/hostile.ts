/** Values and Pods that nobody means well with, or that somebody mistyped. */
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { ANNOTATION } from '../src/names.ts'

/** What YAML, JSON, Go templates and shells take for something else than text. */
const FRAGMENTS = [
  '\n',
  '\r\n',
  '\t',
  ' ',
  '  ',
  '    ',
  '      ',
  '"',
  "'",
  '\\',
  ': ',
  ':',
  '- ',
  ', ',
  '{',
  '}',
  '[',
  ']',
  '#',
  ' #',
  '&a ',
  '*a',
  '| ',
  '>',
  '!!map ',
  '<<: ',
  '---\n',
  '...\n',
  '{{ .Spec }}',
  '{{',
  '}}',
  '$(X)',
  '%',
  '`',
  '@',
  '?',
  '\u2028',
  '\u0000',
  '\uE000',
  'a',
  '80',
  '1.2.3.4',
  'true',
  'null',
  'evil: evil',
  '- name: evil\n',
  '"evil":"evil"',
] as const

const noise: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...FRAGMENTS), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''))

/** Things that a Pod knows, as a line of YAML or as a part of a flow collection. */
const BLOCK = [
  'hostNetwork: true',
  'evil: evil',
  'image: evil',
  'name: evil',
  '- evil',
  '- name: evil',
  'command: [evil]',
  'securityContext: {privileged: true}',
  'hostAliases: [{ip: 1.2.3.4, hostnames: [evil]}]',
  'spec: {hostPID: true}',
  '$patch: delete',
] as const
const FLOW = [', evil', ', image: evil', '}, {name: evil, value: evil', ', value: evil', '], command: [evil'] as const

/** Ends the scalar that it is in, in one of the ways of YAML, and goes on with something else. */
const escaping: fc.Arbitrary<string> = fc
  .record({
    word: fc.constantFrom('', 'a', '1', '1.2.3.4'),
    quote: fc.constantFrom('', '', '"', "'"),
    rest: fc.oneof(
      fc.constantFrom(...FLOW),
      fc
        .array(fc.tuple(fc.constantFrom('\n', '\r\n'), fc.nat({ max: 7 }), fc.constantFrom(...BLOCK)), {
          minLength: 1,
          maxLength: 3,
        })
        .map((lines) => lines.map(([end, indent, line]) => `${end}${'  '.repeat(indent)}${line}`).join('')),
    ),
    tail: fc.constantFrom('', ' #', '\n', ', x: "', ", x: '", '\n      x: "', "\n      x: '"),
  })
  .map(({ word, quote, rest, tail }) => `${word}${quote}${rest}${tail}`)

/** The same, by somebody who knows the template: lines that fit where the value stands, and quotes that close again. */
const aligned: fc.Arbitrary<string> = fc
  .record({ quote: fc.constantFrom('', '"'), indent: fc.nat({ max: 7 }), line: fc.constantFrom(...BLOCK) })
  .map(({ quote, indent, line }) => {
    const start = `\n${'  '.repeat(indent)}`
    const end = quote === '' ? '' : `${start}${line.startsWith('-') ? '- ' : 'x: '}"x`
    return `80${quote}${start}${line}${end}`
  })

/** Text that would be more than a text wherever a template forgets to quote it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(noise, escaping, aligned)

/** Annotations and labels that templates put somewhere as they are, and others that the injector reads itself. */
export const SCALAR_KEYS: readonly (readonly ['annotations' | 'labels', string])[] = [
  ...[
    'readiness.status.sidecar.istio.io/applicationPorts',
    'readiness.status.sidecar.istio.io/failureThreshold',
    'readiness.status.sidecar.istio.io/initialDelaySeconds',
    'readiness.status.sidecar.istio.io/periodSeconds',
    'sidecar.istio.io/agentLogLevel',
    'sidecar.istio.io/bootstrapOverride',
    'sidecar.istio.io/componentLogLevel',
    'sidecar.istio.io/discoveryAddress',
    'sidecar.istio.io/interceptionMode',
    'sidecar.istio.io/logLevel',
    'sidecar.istio.io/nativeSidecar',
    'sidecar.istio.io/proxyCPU',
    'sidecar.istio.io/proxyCPULimit',
    'sidecar.istio.io/proxyImage',
    'sidecar.istio.io/proxyImageType',
    'sidecar.istio.io/proxyMemory',
    'sidecar.istio.io/statsInclusionPrefixes',
    'status.sidecar.istio.io/port',
    'istio.io/reroute-virtual-interfaces',
    'traffic.sidecar.istio.io/excludeInboundPorts',
    'traffic.sidecar.istio.io/excludeInterfaces',
    'traffic.sidecar.istio.io/excludeOutboundIPRanges',
    'traffic.sidecar.istio.io/excludeOutboundPorts',
    'traffic.sidecar.istio.io/includeInboundPorts',
    'traffic.sidecar.istio.io/includeOutboundIPRanges',
    'traffic.sidecar.istio.io/includeOutboundPorts',
    'traffic.sidecar.istio.io/kubevirtInterfaces',
    'prometheus.io/port',
    'prometheus.io/path',
    'kubectl.kubernetes.io/default-container',
    'k8s.v1.cni.cncf.io/networks',
    'shop.example/note',
  ].map((key) => ['annotations', key] as const),
  ...[
    'app',
    'version',
    'app.kubernetes.io/name',
    'service.istio.io/canonical-name',
    'service.istio.io/canonical-revision',
    'security.istio.io/tlsMode',
    'topology.istio.io/network',
    'istio.io/rev',
  ].map((key) => ['labels', key] as const),
]

/** A Pod with one more annotation or label. */
export function withEntry(pod: JsonObject, map: 'annotations' | 'labels', key: string, value: string): JsonObject {
  const metadata = isObject(pod.metadata) ? pod.metadata : {}
  const entries = isObject(metadata[map]) ? metadata[map] : {}
  return { ...pod, metadata: { ...metadata, [map]: { ...entries, [key]: value } } }
}

const json: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 1.5, 1e21, 2 ** 53, '', 'text', '10', 'NaN', [], {}, [null], [[]]),
  fc.jsonValue({ maxDepth: 3 }).map((value) => value as Json),
  fc.constant(JSON.parse('{"__proto__":{"name":"x"},"constructor":{"prototype":null},"toString":1}') as Json),
)

/** A Pod in which something is replaced by something else, once or a few times. */
export function mangled(pods: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(pods, fc.array(fc.tuple(fc.nat(), json, fc.boolean()), { minLength: 1, maxLength: 3 }))
    .map(([pod, changes]) =>
      changes.reduce((result, [place, value, remove]) => replaceNode(result, place, value, remove) as JsonObject, pod),
    )
}

/** Replaces or removes one of the values below the root, counted round. */
function replaceNode(root: Json, place: number, value: Json, remove: boolean): Json {
  const count = countNodes(root) - 1
  let left = count <= 0 ? -1 : place % count
  const visit = (node: Json): Json => {
    if (isArray(node)) {
      return node.flatMap((item) => {
        if (left-- === 0) return remove ? [] : [value]
        return [visit(item)]
      })
    }
    if (!isObject(node)) return node
    const entries = Object.entries(node).flatMap(([key, item]): [string, Json][] => {
      if (left-- === 0) return remove ? [] : [[key, value]]
      return [[key, visit(item)]]
    })
    return Object.fromEntries(entries)
  }
  return visit(root)
}

function countNodes(node: Json): number {
  const children = isArray(node) ? node : isObject(node) ? Object.values(node) : []
  return children.reduce<number>((sum, child) => sum + countNodes(child), 1)
}

const READ_KEYS: readonly string[] = [
  ...Object.values(ANNOTATION),
  'sidecar.istio.io/userVolume',
  'sidecar.istio.io/userVolumeMount',
  'sidecar.istio.io/bootstrapOverride',
  'traffic.sidecar.istio.io/excludeInboundPorts',
]

/** Texts of the kind that the injector reads: JSON, YAML, lists, numbers, and almost these. */
const readText: fc.Arbitrary<string> = fc.oneof(
  hostileText,
  fc.string(),
  fc.json({ maxDepth: 3 }),
  fc.constantFrom(
    '{}',
    '[]',
    'null',
    '{"containers":[1]}',
    '{"containers":["istio-proxy"],"initContainers":{"a":1}}',
    '{"containers":[{"name":"istio-proxy","resources":7}]}',
    '{"containers":[{"name":"istio-proxy","image":"auto","env":[{"name":"A"}]}],"initContainers":[{}]}',
    'concurrency: [1]',
    'proxyMetadata: {A: 1}\nstatusPort: 99999999999',
    'statusPort: 0\nholdApplicationUntilProxyStarts: true',
    '0',
    '-1',
    '99999999999999999999',
    '8080:/metrics,9090',
    ':,:',
    'sidecar,nothing',
    '*/*',
  ),
)

/** A Pod with annotations that the injector reads, of whatever content. */
export function withReadAnnotations(pods: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc
    .tuple(pods, fc.array(fc.tuple(fc.constantFrom(...READ_KEYS), readText), { minLength: 1, maxLength: 3 }))
    .map(([pod, entries]) => entries.reduce((result, [key, text]) => withEntry(result, 'annotations', key, text), pod))
}
