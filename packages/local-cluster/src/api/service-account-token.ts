import { isArray, type JsonObject } from '@proa/kube'
import { DEFAULT_AUDIENCE } from '../authentication/token.ts'
import type { Backend, Call } from './backend.ts'
import { timestamp } from './backend.ts'
import { badRequest, conflict, invalid, notFound } from './errors.ts'
import { metaText, part } from './metadata.ts'
import { getObject } from './read.ts'

const DEFAULT_LIFE = 3600
const SHORTEST_LIFE = 600
const LONGEST_LIFE = 2 ** 32

type Bound = { readonly name: string; readonly uid: string }

/** Answers a TokenRequest of a ServiceAccount. */
export function issueServiceAccountToken(backend: Backend, call: Call, request: JsonObject): JsonObject {
  const account = getObject(backend, { ...call, subresource: '' })
  const spec = part(request, 'spec')
  const life =
    spec.expirationSeconds === undefined || spec.expirationSeconds === null
      ? DEFAULT_LIFE
      : Number(spec.expirationSeconds)
  checkLife(life)
  const audiences =
    isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences.map(String) : [DEFAULT_AUDIENCE]
  const issuedAt = Math.floor(backend.now() / 1000)
  const token = call.dryRun
    ? ''
    : backend.tokens.sign({
        namespace: call.namespace,
        serviceAccount: { name: call.name, uid: metaText(account, 'uid') },
        ...boundTo(backend, call, part(spec, 'boundObjectRef')),
        audiences,
        issuedAt,
        expires: issuedAt + life,
      })
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name: call.name, namespace: call.namespace, creationTimestamp: timestamp(backend.now()) },
    spec: { audiences, expirationSeconds: life, boundObjectRef: spec.boundObjectRef ?? null },
    status: { token, expirationTimestamp: timestamp((issuedAt + life) * 1000) },
  }
}

function checkLife(life: number): void {
  const kind = { group: 'authentication.k8s.io', kind: 'TokenRequest' }
  const refuse = (message: string): never => {
    throw invalid(kind, '', [
      { field: 'spec.expirationSeconds', reason: 'FieldValueInvalid', message: `Invalid value: ${life}: ${message}` },
    ])
  }
  if (!(life >= SHORTEST_LIFE)) refuse('may not specify a duration less than 10 minutes')
  if (life > LONGEST_LIFE) refuse('may not specify a duration larger than 2^32 seconds')
}

/** The object whose end is the end of the token. */
function groupVersionKind({ apiVersion, kind }: JsonObject): string {
  const text = typeof apiVersion === 'string' ? apiVersion : ''
  return `${text.includes('/') ? text : `/${text}`}, Kind=${String(kind)}`
}

function boundTo(backend: Backend, call: Call, ref: JsonObject): { pod?: Bound; secret?: Bound; node?: Bound } {
  const { kind, name } = ref
  if (typeof kind !== 'string' || typeof name !== 'string') return {}
  const resource = ({ Pod: 'pods', Secret: 'secrets', Node: 'nodes' } as Readonly<Record<string, string>>)[kind]
  if (resource === undefined) {
    throw badRequest(`cannot bind token to object of type ${groupVersionKind(ref)}`)
  }
  const namespace = kind === 'Node' ? '' : call.namespace
  const found = backend.store.get({ bucket: resource, namespace, name })
  if (found === undefined) throw notFound({ group: '', resource }, name)
  const uid = metaText(found, 'uid')
  if (typeof ref.uid === 'string' && ref.uid !== '' && ref.uid !== uid) {
    throw conflict(
      { group: '', resource },
      name,
      `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  if (kind !== 'Pod') return kind === 'Secret' ? { secret: { name, uid } } : { node: { name, uid } }
  const nodeName = part(found, 'spec').nodeName
  const node =
    typeof nodeName === 'string' ? backend.store.get({ bucket: 'nodes', namespace: '', name: nodeName }) : undefined
  return {
    pod: { name, uid },
    ...(node === undefined ? {} : { node: { name: String(nodeName), uid: metaText(node, 'uid') } }),
  }
}
