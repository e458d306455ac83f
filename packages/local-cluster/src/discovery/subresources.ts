import type { ResourceType } from '../api/types.ts'

/** What discovery says of one subresource. */
export interface Subresource {
  readonly name: string
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly verbs: readonly string[]
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const WRITTEN = ['get', 'patch', 'update']
const STREAMED = ['create', 'get']
const PROXIED = ['create', 'delete', 'get', 'patch', 'update']

/** Subresources that speak another kind than their resource. */
const OTHER_KINDS: Readonly<Record<string, Omit<Subresource, 'name'>>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: WRITTEN },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  binding: { group: '', version: 'v1', kind: 'Binding', verbs: ['create'] },
  exec: { group: '', version: 'v1', kind: 'PodExecOptions', verbs: STREAMED },
  attach: { group: '', version: 'v1', kind: 'PodAttachOptions', verbs: STREAMED },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions', verbs: STREAMED },
}

/** Subresources with verbs of their own. */
const OWN_VERBS: Readonly<Record<string, readonly string[]>> = { log: ['get'], finalize: ['update'] }

/** Reviews are questions: they can be created and nothing else. */
export function verbsOf(type: ResourceType): readonly string[] {
  if (type.verbs !== undefined) return type.verbs
  const isQuestion = type.group === 'authentication.k8s.io' || type.group === 'authorization.k8s.io'
  if (isQuestion || type.resource === 'bindings') return ['create']
  // A namespace takes a while to end, so it is not deleted by the collection.
  return type.resource === 'namespaces' && type.group === ''
    ? ALL_VERBS.filter((verb) => verb !== 'deletecollection')
    : ALL_VERBS
}

export function subresourcesOf(type: ResourceType): readonly Subresource[] {
  return type.subresources.toSorted().map((name) => {
    const other = Object.hasOwn(OTHER_KINDS, name) ? OTHER_KINDS[name] : undefined
    if (other !== undefined) return { name, ...other }
    const { group, version, kind } = type
    if (name === 'proxy') return { name, group: '', version: 'v1', kind: `${kind}ProxyOptions`, verbs: PROXIED }
    return { name, group, version, kind, verbs: OWN_VERBS[name] ?? WRITTEN }
  })
}
