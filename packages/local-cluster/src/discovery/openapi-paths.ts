/** The paths of an OpenAPI document: where kubectl looks which kind a path has, and which parameters it takes. */
import type { JsonObject } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import type { GroupVersion } from './group-versions.ts'
import { type Subresource, subresourcesOf, verbsOf } from './subresources.ts'

const DRY_RUN = query('dryRun')
const WRITE = [DRY_RUN, query('fieldManager'), query('fieldValidation')]
const LIST = ['continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'timeoutSeconds', 'watch'].map(
  (name) => query(name),
)
const DELETE = [DRY_RUN, query('gracePeriodSeconds', 'integer'), query('propagationPolicy')]

/** HTTP method, action and parameters of each verb. */
const COLLECTION: readonly Method[] = [
  ['list', 'get', 'list', LIST],
  ['create', 'post', 'post', WRITE],
  ['deletecollection', 'delete', 'deletecollection', [...LIST, ...DELETE]],
]
const ITEM: readonly Method[] = [
  ['get', 'get', 'get', []],
  ['update', 'put', 'put', WRITE],
  ['patch', 'patch', 'patch', [...WRITE, query('force', 'boolean')]],
  ['delete', 'delete', 'delete', DELETE],
]

type Method = readonly [verb: string, method: string, action: string, parameters: readonly JsonObject[]]

function query(name: string, type = 'string'): JsonObject {
  return { name, in: 'query', schema: { type, uniqueItems: true } }
}

function pathParameter(name: string): JsonObject {
  return { name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } }
}

export function openApiPaths(version: GroupVersion): JsonObject {
  return Object.fromEntries(version.resources.flatMap((type) => resourcePaths(`/${version.path}`, type)))
}

function resourcePaths(root: string, type: ResourceType): [string, JsonObject][] {
  const verbs = verbsOf(type)
  const namespace = type.namespaced ? '/namespaces/{namespace}' : ''
  const base = `${root}${namespace}/${type.resource}`
  const above = type.namespaced ? [pathParameter('namespace')] : []
  const named = [pathParameter('name'), ...above]
  const all = COLLECTION.filter(([verb]) => verb === 'list')
  const paths: [string, JsonObject | undefined][] = [
    ...(type.namespaced ? [[`${root}/${type.resource}`, operations(all, verbs, type, [])] as const] : []).map(
      ([path, item]): [string, JsonObject | undefined] => [path, item],
    ),
    [base, operations(COLLECTION, verbs, type, above)],
    [`${base}/{name}`, operations(ITEM, verbs, type, named)],
    ...subresourcesOf(type).map((sub): [string, JsonObject | undefined] => [
      `${base}/{name}/${sub.name}`,
      operations(subresourceMethods(sub), sub.verbs, sub, named),
    ]),
  ]
  return paths.filter((entry): entry is [string, JsonObject] => entry[1] !== undefined)
}

function subresourceMethods(sub: Subresource): readonly Method[] {
  return [...ITEM, ...COLLECTION.filter(([verb]) => verb === 'create' && sub.verbs.includes(verb))]
}

function operations(
  methods: readonly Method[],
  verbs: readonly string[],
  { group, version, kind }: { readonly group: string; readonly version: string; readonly kind: string },
  parameters: readonly JsonObject[],
): JsonObject | undefined {
  const served = methods.filter(([verb]) => verbs.includes(verb))
  if (served.length === 0) return undefined
  const entries = served.map(([, method, action, own]): [string, JsonObject] => [
    method,
    {
      operationId: `${action}_${group}_${version}_${kind}`,
      parameters: own,
      responses: { 200: { description: 'OK' } },
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': { group, version, kind },
    },
  ])
  return { ...Object.fromEntries(entries), parameters }
}
