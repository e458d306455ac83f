import { createHash } from 'node:crypto'
import { type JsonObject, kindType } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import type { GroupVersion } from './group-versions.ts'
import { openApiPaths } from './openapi-paths.ts'
import { OPENAPI_V2, OPENAPI_V3, schemaClosure } from './openapi-schema.ts'
import { subresourcesOf } from './subresources.ts'

/** The `openAPIV3Schema` of a custom resource; `undefined` for built-in kinds. */
export type CustomSchema = (type: ResourceType) => JsonObject | undefined

const INFO = { title: 'Kubernetes', version: '1.36' }
/** What the bodies of patches and deletes are. */
const ALWAYS = ['Patch', 'DeleteOptions', 'Status'].map((kind) => `io.k8s.apimachinery.pkg.apis.meta.v1.${kind}`)

/** `/openapi/v3/apis/apps/v1`. */
export function openApiDocument(version: GroupVersion, customSchema: CustomSchema): JsonObject {
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: openApiPaths(version),
    components: {
      schemas: { ...schemaClosure(typeNames([version]), OPENAPI_V3), ...customSchemas([version], customSchema) },
      securitySchemes: { BearerToken: { type: 'apiKey', name: 'authorization', in: 'header' } },
    },
  }
}

/** `/openapi/v3`. The hash tells clients whether what they remember is still right. */
export function openApiIndex(versions: readonly GroupVersion[], customSchema: CustomSchema): JsonObject {
  const entries = versions.map((version) => {
    const text = JSON.stringify(openApiDocument(version, customSchema))
    const hash = createHash('sha512').update(text).digest('hex').toUpperCase()
    return [version.path, { serverRelativeURL: `/openapi/v3/${version.path}?hash=${hash}` }]
  })
  return { paths: Object.fromEntries(entries) }
}

/** `/openapi/v2`: everything in one document, without paths of operations that nobody looks up there. */
export function openApiV2(versions: readonly GroupVersion[], customSchema: CustomSchema): JsonObject {
  return {
    swagger: '2.0',
    info: INFO,
    paths: Object.assign({}, ...versions.map(openApiPaths)) as JsonObject,
    definitions: { ...schemaClosure(typeNames(versions), OPENAPI_V2), ...customSchemas(versions, customSchema) },
  }
}

function typeNames(versions: readonly GroupVersion[]): string[] {
  const kinds = versions.flatMap(({ resources }) =>
    resources.flatMap((type) => [type, ...subresourcesOf(type), { ...type, kind: `${type.kind}List` }]),
  )
  const names = kinds.map(
    ({ group, version, kind }) => kindType(group === '' ? version : `${group}/${version}`, kind)?.name,
  )
  return [...ALWAYS, ...names.filter((name) => name !== undefined)]
}

function customSchemas(versions: readonly GroupVersion[], customSchema: CustomSchema): JsonObject {
  const entries = versions.flatMap(({ resources }) =>
    resources.flatMap((type): [string, JsonObject][] => {
      const schema = customSchema(type)
      if (schema === undefined) return []
      const { group, version, kind } = type
      const name = `${group.split('.').toReversed().join('.')}.${version}.${kind}`
      return [[name, { ...schema, 'x-kubernetes-group-version-kind': [{ group, version, kind }] }]]
    }),
  )
  return Object.fromEntries(entries)
}
