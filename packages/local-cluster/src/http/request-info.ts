/** What a request is about, from its method and path alone. */
export type RequestInfo = ResourcePath | OtherPath

export interface ResourcePath {
  readonly kind: 'resource'
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
  /** Steps behind the subresource, as of a proxy. */
  readonly rest: readonly string[]
  /** The verb that is authorized. */
  readonly verb: string
}

export interface OtherPath {
  readonly kind: 'other'
  readonly path: string
  readonly verb: string
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
  GET: 'get',
  HEAD: 'get',
}
/** Subresources of a Namespace, which look like resources inside of it. */
const NAMESPACE_PARTS: ReadonlySet<string> = new Set(['status', 'finalize'])

export function readRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const other: OtherPath = { kind: 'other', path, verb: method.toLowerCase() }
  const steps = path.split('/').filter((step) => step !== '')
  const core = steps[0] === 'api'
  if (!core && steps[0] !== 'apis') return other
  const group = core ? '' : (steps[1] ?? '')
  const rest = steps.slice(core ? 1 : 2)
  const [version, ...place] = rest
  if (version === undefined || place.length === 0) return other
  // The old way to watch: /api/v1/watch/…
  const oldWatch = place[0] === 'watch'
  const parts = oldWatch ? place.slice(1) : place
  if (parts.length === 0) return other
  const found = locate(parts)
  return { kind: 'resource', group, version, ...found, verb: oldWatch ? 'watch' : verbOf(method, found.name, query) }
}

function locate(
  parts: readonly string[],
): Pick<ResourcePath, 'namespace' | 'resource' | 'name' | 'subresource' | 'rest'> {
  const [first = '', second = '', third = ''] = parts
  if (first === 'namespaces' && parts.length > 2 && !NAMESPACE_PARTS.has(third)) {
    const [resource = '', name = '', subresource = '', ...rest] = parts.slice(2)
    return { namespace: second, resource, name, subresource, rest }
  }
  const [resource = '', name = '', subresource = '', ...rest] = parts
  // The namespace of a Namespace is itself, for authorization.
  return { namespace: first === 'namespaces' ? second : '', resource, name, subresource, rest }
}

function verbOf(method: string, name: string, query: URLSearchParams): string {
  const verb = VERBS[method] ?? method.toLowerCase()
  if (name !== '') return verb === 'get' && isTrue(query.get('watch')) ? 'watch' : verb
  if (verb === 'get') return isTrue(query.get('watch')) ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

/** As Go's clients write a boolean of a query: present and empty is true, too. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '0' && value.toLowerCase() !== 'false'
}
