import { type GoStruct, goInteger, goKind, type PlainMap, type Value } from '@proa/go-template'
import { clone, isObject, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { MESH_CONFIG, type Message, messageView, PROXY_CONFIG } from '../mesh/index.ts'
import { objectOf } from './fields.ts'
import type { ProxyIds } from './openshift.ts'
import type { Owner } from './owner.ts'
import { objectView } from './pod-view.ts'

export interface TemplateInput {
  readonly minor: number
  /** The Pod without what an earlier injection added. */
  readonly pod: JsonObject
  readonly owner: Owner
  readonly proxyConfig: Message
  readonly mesh: Message
  readonly values: PlainMap
  readonly changesValues: boolean
  readonly revision: string
  readonly proxyImage: string
  readonly proxyInitImage: string
  readonly nativeSidecars: boolean
  readonly ids: ProxyIds
  readonly compliancePolicy: string
  /** Threads of the proxy, from its configuration or its CPU (1.11 to 1.17). */
  readonly estimatedConcurrency: bigint
}

interface Field {
  readonly name: string
  /** The first and the last minor release that offer it. */
  readonly since: number
  readonly until: number
  readonly read: (input: TemplateInput) => Value
}

const ALWAYS = Number.POSITIVE_INFINITY

/** What a template finds at `.`, release by release (Istio's SidecarTemplateData). */
const FIELDS: readonly Field[] = [
  field('TypeMeta', ({ owner }) => simpleStruct('v1.TypeMeta', { Kind: owner.kind, APIVersion: owner.apiVersion })),
  field('DeploymentMeta', deploymentMeta),
  field('ObjectMeta', ({ pod, minor }) =>
    objectView('v1.ObjectMeta', objectOf(pod, 'metadata') ?? {}, !behaves(minor, 'podByValue')),
  ),
  field('Spec', ({ pod, minor }) =>
    objectView('v1.PodSpec', objectOf(pod, 'spec') ?? {}, !behaves(minor, 'podByValue')),
  ),
  field('ProxyConfig', ({ proxyConfig, minor }) => messageView(PROXY_CONFIG, proxyConfig, minor)),
  field('MeshConfig', ({ mesh, minor }) => messageView(MESH_CONFIG, mesh, minor)),
  field('Values', ({ values, changesValues }) => (changesValues ? (clone(values as JsonObject) as PlainMap) : values)),
  field('Revision', ({ revision }) => revision, 9),
  field('EstimatedConcurrency', ({ estimatedConcurrency }) => estimatedConcurrency, 11, 17),
  field('NativeSidecars', ({ nativeSidecars }) => nativeSidecars, 27),
  field('ProxyImage', ({ proxyImage }) => proxyImage, 13),
  field('ProxyInitImage', ({ proxyInitImage }) => proxyInitImage, 31),
  field('ProxyUID', ({ ids }) => goInteger('int64', ids.uid), 20),
  field('ProxyGID', ({ ids }) => goInteger('int64', ids.gid), 20),
  field('InboundTrafficPolicyMode', ({ mesh }) => inboundTrafficPolicyMode(mesh), 22),
  field('CompliancePolicy', ({ compliancePolicy }) => compliancePolicy, 19),
]

function field(name: string, read: (input: TemplateInput) => Value, since = 0, until = ALWAYS): Field {
  return { name, read, since, until }
}

/** The data of one render. Each field is made when a template first asks for it. */
export function templateData(input: TemplateInput): GoStruct {
  const { minor } = input
  const offered = new Map(
    FIELDS.filter(({ since, until }) => minor >= since && minor <= until).map((each) => [each.name, each]),
  )
  const cache = new Map<string, Value>()
  return {
    [goKind]: 'struct',
    typeName: 'inject.SidecarTemplateData',
    pointer: true,
    fieldNames: () => [...offered.keys()],
    hasField: (name) => offered.has(name),
    field(name) {
      if (!cache.has(name)) cache.set(name, offered.get(name)?.read(input))
      return cache.get(name)
    },
  }
}

/** The names of the fields that a template of that release can use. */
export function templateFieldNames(minor: number): readonly string[] {
  return FIELDS.filter(({ since, until }) => minor >= since && minor <= until).map(({ name }) => name)
}

/** The releases whose templates have a field of that name: `since 1.31`, `1.11 to 1.17`; undefined when none has. */
export function releasesWithField(name: string): string | undefined {
  const known = FIELDS.find((each) => each.name === name)
  if (known === undefined) return undefined
  return known.until === ALWAYS ? `since 1.${known.since}` : `1.${known.since} to 1.${known.until}`
}

/** A whole ObjectMeta until 1.21, only name and namespace afterwards. */
function deploymentMeta({ owner, minor }: TemplateInput): Value {
  const { name, namespace } = owner
  if (!behaves(minor, 'ownerIsName')) {
    return objectView('v1.ObjectMeta', { ...owner.metadata, name, namespace }, !behaves(minor, 'ownerByValue'))
  }
  return simpleStruct('types.NamespacedName', { Namespace: namespace, Name: name })
}

function simpleStruct(typeName: string, fields: Readonly<Record<string, Value>>): GoStruct {
  return {
    [goKind]: 'struct',
    typeName,
    pointer: false,
    fieldNames: () => Object.keys(fields),
    hasField: (name) => Object.hasOwn(fields, name),
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
  }
}

/** `localhost` where the mesh says so, else `passthrough`. */
function inboundTrafficPolicyMode(mesh: Message): string {
  const policy = mesh.inboundTrafficPolicy
  return isObject(policy) && policy.mode === 'LOCALHOST' ? 'localhost' : 'passthrough'
}
