import { type JsonObject, KIND_SCHEMA_VERSION } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import { AGGREGATED_TYPE, aggregatedDiscovery } from './aggregated.ts'
import { type GroupVersion, groupVersions } from './group-versions.ts'
import { healthText } from './health.ts'
import { type CustomSchema, openApiDocument, openApiIndex, openApiV2 } from './openapi.ts'
import { coreVersions, group, groupList, resourceList } from './resource-lists.ts'

export interface DiscoveryOptions {
  /** Host and port that clients reach, for `/api`. */
  readonly address?: string
  /** Schemas of custom resources. */
  readonly customSchema?: CustomSchema
}

export interface DiscoveryResponse {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const JSON_TYPE = 'application/json'
const TEXT_TYPE = 'text/plain; charset=utf-8'

/**
 * What the API says about itself: versions, groups, resources, OpenAPI, health. `undefined` when the path is
 * none of these (or names a group or version that there is not): that is for the caller to answer.
 *
 * @param path with its query, as the request has it
 * @param accept the header of that name; empty for any
 * @param resources all types that are served now, custom resources too
 */
export function discoveryResponse(
  path: string,
  accept: string,
  resources: readonly ResourceType[],
  options: DiscoveryOptions = {},
): DiscoveryResponse | undefined {
  const url = new URL(path, 'https://cluster')
  const route = url.pathname.length > 1 ? url.pathname.replace(/\/$/, '') : url.pathname
  const health = healthText(route, url.searchParams.has('verbose'))
  if (health !== undefined) return { status: 200, contentType: TEXT_TYPE, body: health }
  const versions = groupVersions(resources)
  if (route === '/openapi/v2' && !acceptsJson(accept)) return { status: 406, contentType: TEXT_TYPE, body: '' }
  if ((route === '/api' || route === '/apis') && wantsAggregated(accept)) {
    return json(aggregatedDiscovery(route === '/api' ? 'core' : 'named', versions), AGGREGATED_TYPE)
  }
  const found = documentAt(route, versions, options)
  return found === undefined ? undefined : json(found)
}

function json(body: JsonObject, contentType = JSON_TYPE): DiscoveryResponse {
  return { status: 200, contentType, body: `${JSON.stringify(body)}\n` }
}

/** kubectl names several forms; the first that is spoken here wins. */
function wantsAggregated(accept: string): boolean {
  for (const part of accept.split(',')) {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim())
    if (type !== JSON_TYPE) continue
    if (parameters.includes('as=APIGroupDiscoveryList')) {
      if (parameters.includes('g=apidiscovery.k8s.io') && parameters.includes('v=v2')) return true
      continue
    }
    return false
  }
  return false
}

function acceptsJson(accept: string): boolean {
  return accept === '' || accept.split(',').some((part) => /^\s*(application\/(json|\*)|\*\/\*)/.test(part))
}

function documentAt(
  route: string,
  versions: readonly GroupVersion[],
  { address = '127.0.0.1:6443', customSchema = () => undefined }: DiscoveryOptions,
): JsonObject | undefined {
  switch (route) {
    case '/':
      return rootPaths(versions)
    case '/version':
      return version()
    case '/api':
      return coreVersions(address)
    case '/apis':
      return groupList(versions)
    case '/openapi/v2':
      return openApiV2(versions, customSchema)
    case '/openapi/v3':
      return openApiIndex(versions, customSchema)
  }
  const openApi = route.startsWith('/openapi/v3/')
  const wanted = openApi ? route.slice('/openapi/v3/'.length) : route.slice(1)
  const found = versions.find((entry) => entry.path === wanted)
  if (found !== undefined) return openApi ? openApiDocument(found, customSchema) : resourceList(found)
  const name = /^\/apis\/([^/]+)$/.exec(route)?.[1]
  return name === undefined ? undefined : group(name, versions)
}

function rootPaths(versions: readonly GroupVersion[]): JsonObject {
  const groups = versions
    .filter((entry) => entry.group !== '')
    .flatMap((entry) => [`/apis/${entry.group}`, `/${entry.path}`])
  const paths = [
    '/api',
    '/api/v1',
    '/apis',
    ...groups,
    '/healthz',
    '/livez',
    '/openapi/v2',
    '/openapi/v3',
    '/readyz',
    '/version',
  ]
  return { paths: [...new Set(paths)].sort() }
}

/** The release whose API is spoken; the build metadata says who speaks. */
function version(): JsonObject {
  const [major = '1', minor = ''] = KIND_SCHEMA_VERSION.split('.')
  return {
    major,
    minor,
    gitVersion: `v${KIND_SCHEMA_VERSION}+proa`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: '',
    compiler: '',
    platform: '',
  }
}
