import { readFileSync } from 'node:fs'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import type { ResourceType } from '../api/types.ts'
import { AGGREGATED_TYPE } from './aggregated.ts'
import { discoveryResponse } from './discovery.ts'
import { compareVersions } from './group-versions.ts'

/** Answers of a real API server (1.36) for some groups, without the hashes of its store. */
interface Recorded {
  readonly core: JsonObject
  readonly named: JsonObject
  readonly groups: JsonObject
  readonly lists: Readonly<Record<string, { readonly groupVersion: string; readonly resources: readonly Listed[] }>>
}

interface Listed {
  readonly name: string
  readonly singularName: string
  readonly kind: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
}

const recorded = JSON.parse(readFileSync(new URL('./testdata/recorded.json', import.meta.url), 'utf8')) as Recorded
/** Older than the rules for verbs. */
const READ_ONLY = 'componentstatuses'

const resources: readonly ResourceType[] = Object.values(recorded.lists).flatMap(
  ({ groupVersion, resources: list }) => {
    const [version = '', group = ''] = groupVersion.split('/').reverse()
    return list
      .filter(({ name }) => !name.includes('/'))
      .map(({ name, singularName, kind, namespaced, verbs, shortNames = [], categories = [] }) => ({
        group,
        version,
        resource: name,
        singular: singularName,
        kind,
        namespaced,
        shortNames,
        categories,
        subresources: list
          .filter((below) => below.name.startsWith(`${name}/`))
          .map((below) => below.name.split('/')[1] ?? ''),
        ...(name === READ_ONLY ? { verbs } : {}),
      }))
  },
)

const KUBECTL = `${AGGREGATED_TYPE},application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json`

function ask(path: string, accept = 'application/json'): JsonObject {
  const response = discoveryResponse(path, accept, resources)
  if (response === undefined) throw new Error(`no answer for ${path}`)
  return JSON.parse(response.body) as JsonObject
}

/** Lists in the order of names: the order of groups and resources is nobody's business. */
function sorted(value: Json): Json {
  if (isArray(value)) return value.map(sorted).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, sorted(item)])) : value
}

function keyOf(value: Json): string {
  if (!isObject(value)) return JSON.stringify(value)
  return JSON.stringify([value.name ?? null, value.resource ?? null, value.subresource ?? null, value.metadata ?? null])
}

/** The real server leaves out the group and version of its own kinds in the aggregated form. */
function kindsOnly(value: Json): Json {
  if (isArray(value)) return value.map(kindsOnly)
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [
    key,
    key === 'responseKind' && isObject(item) ? (item.kind ?? null) : kindsOnly(item),
  ])
  return Object.fromEntries(entries)
}

describe('discovery', () => {
  it.each(Object.keys(recorded.lists))('%s is that of a real API server', (path) => {
    expect(sorted(ask(path))).toEqual(sorted(recorded.lists[path] as unknown as Json))
  })

  it('lists the same groups', () => {
    expect(sorted(ask('/apis'))).toEqual(sorted(recorded.groups))
  })

  it('says the same in one answer, when the client asks for that first', () => {
    expect(discoveryResponse('/apis', KUBECTL, resources)?.contentType).toBe(AGGREGATED_TYPE)
    expect(sorted(kindsOnly(ask('/apis', KUBECTL)))).toEqual(sorted(kindsOnly(recorded.named)))
    expect(sorted(kindsOnly(ask('/api', KUBECTL)))).toEqual(sorted(kindsOnly(recorded.core)))
  })

  it('knows nothing of groups, versions and paths that there are not', () => {
    for (const path of [
      '/apis/nothing',
      '/apis/apps/v9',
      '/api/v2',
      '/api/v1/pods',
      '/openapi/v3/apis/nothing/v1',
      '/metrics',
    ]) {
      expect(discoveryResponse(path, '', resources)).toBeUndefined()
    }
  })

  it('prefers stable versions, and newer ones', () => {
    const versions = ['v1alpha1', 'foo1', 'v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1']
    const order = ['v2', 'v1', 'v11beta2', 'v10beta3', 'v3beta1', 'v12alpha1', 'v1alpha1', 'foo1']
    expect(versions.sort(compareVersions)).toEqual(order)
  })
})

describe('the OpenAPI', () => {
  const refs = (value: Json): string[] => {
    if (isArray(value)) return value.flatMap(refs)
    if (!isObject(value)) return []
    return Object.entries(value).flatMap(([key, item]) =>
      key === '$ref' && typeof item === 'string' ? [item] : refs(item),
    )
  }
  const paths = Object.keys(ask('/openapi/v3').paths as JsonObject)

  it('has a document for each version, and each names only types that it has', () => {
    expect(paths).toContain('apis/apps/v1')
    for (const path of paths) {
      const document = ask(`/openapi/v3/${path}?hash=X`)
      const { schemas } = document.components as { schemas: JsonObject }
      const missing = refs(document).filter((ref) => !Object.hasOwn(schemas, ref.replace('#/components/schemas/', '')))
      expect(missing).toEqual([])
    }
  })

  it('tells kubectl that a kind takes dry runs and checks its fields', () => {
    const { paths: found } = ask('/openapi/v3/apis/apps/v1') as { paths: JsonObject }
    expect(found['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']).toMatchObject({
      patch: {
        'x-kubernetes-group-version-kind': { group: 'apps', version: 'v1', kind: 'Deployment' },
        parameters: expect.arrayContaining([
          expect.objectContaining({ name: 'dryRun', in: 'query' }),
          expect.objectContaining({ name: 'fieldValidation', in: 'query' }),
        ]),
      },
    })
  })

  it('tells how lists are merged', () => {
    const { components } = ask('/openapi/v3/api/v1') as { components: { schemas: JsonObject } }
    expect(components.schemas['io.k8s.api.core.v1.ServiceSpec']).toMatchObject({
      properties: {
        ports: {
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port', 'protocol'],
          'x-kubernetes-patch-merge-key': 'port',
          'x-kubernetes-patch-strategy': 'merge',
        },
      },
    })
  })

  it('has the schemas of custom resources', () => {
    const widget = {
      group: 'example.com',
      version: 'v1',
      resource: 'widgets',
      singular: 'widget',
      kind: 'Widget',
      namespaced: true,
      shortNames: [],
      categories: [],
      subresources: [],
    }
    const customSchema = (): JsonObject => ({ type: 'object', properties: { size: { type: 'integer' } } })
    const response = discoveryResponse('/openapi/v3/apis/example.com/v1', '', [widget], { customSchema })
    expect(JSON.parse(response?.body ?? '')).toMatchObject({
      components: { schemas: { 'com.example.v1.Widget': { properties: { size: { type: 'integer' } } } } },
    })
  })

  it('changes its hash with its content', () => {
    const few = resources.filter(({ resource }) => resource !== 'deployments')
    expect(discoveryResponse('/openapi/v3', '', few)?.body).not.toBe(
      discoveryResponse('/openapi/v3', '', resources)?.body,
    )
  })

  it('is in version 2 too, but not as protobuf', () => {
    const document = ask('/openapi/v2', '*/*')
    const { definitions } = document as { definitions: JsonObject }
    expect(refs(document).filter((ref) => !Object.hasOwn(definitions, ref.replace('#/definitions/', '')))).toEqual([])
    const protobuf = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
    expect(discoveryResponse('/openapi/v2', protobuf, resources)?.status).toBe(406)
  })
})

describe('health', () => {
  it.each(['livez', 'readyz', 'healthz'])('/%s is ok', (path) => {
    expect(discoveryResponse(`/${path}`, '', [])).toMatchObject({ status: 200, body: 'ok' })
    expect(discoveryResponse(`/${path}?verbose`, '', [])?.body).toContain(`[+]ping ok\n`)
    expect(discoveryResponse(`/${path}/ping`, '', [])?.body).toBe('ok')
  })
})
