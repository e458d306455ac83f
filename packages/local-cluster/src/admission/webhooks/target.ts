import { getOwn, isObject, type JsonObject } from '@proa/kube'

/** Where a webhook is: its clientConfig, read. */
export interface WebhookTarget {
  /** What the API server writes in its errors, without the query: `https://svc.ns.svc:443/inject`. */
  readonly url: string
  /** Host and port of that. */
  readonly host: string
  readonly port: number
  /** Path of the request. */
  readonly path: string
  /** The name that the certificate must carry. */
  readonly serverName: string
  /** Undefined for the URL form. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined
  /** PEM, decoded; `''` for the system's roots. */
  readonly caBundle: string
  /** Equal for configurations that may share connections. */
  readonly key: string
}

/** A clientConfig that nothing can be called with. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
}

const HTTPS_PORT = 443

/** @throws TargetError */
export function readTarget(clientConfig: JsonObject): WebhookTarget {
  const bundle = getOwn(clientConfig, 'caBundle')
  const caBundle = typeof bundle === 'string' ? atob(bundle) : ''
  const service = getOwn(clientConfig, 'service')
  const url = getOwn(clientConfig, 'url')
  const key = JSON.stringify([service ?? null, url ?? null, bundle ?? null])
  if (isObject(service)) return { ...serviceTarget(service), caBundle, key }
  if (typeof url === 'string' && url !== '') return { ...urlTarget(url), caBundle, key }
  throw new TargetError('webhook configuration must have either service or URL')
}

function serviceTarget(service: JsonObject): Omit<WebhookTarget, 'caBundle' | 'key'> {
  const name = String(getOwn(service, 'name') ?? '')
  const namespace = String(getOwn(service, 'namespace') ?? '')
  const given = getOwn(service, 'port')
  const port = typeof given === 'number' && given !== 0 ? given : HTTPS_PORT
  const serverName = `${name}.${namespace}.svc`
  const path = rooted(String(getOwn(service, 'path') ?? ''))
  const url = `https://${serverName}:${port}${path}`
  return { url, host: serverName, port, path, serverName, service: { namespace, name, port } }
}

/** The query and the user of a URL are not used (they are forbidden by validation). */
function urlTarget(text: string): Omit<WebhookTarget, 'caBundle' | 'key'> {
  if (!URL.canParse(text)) throw new TargetError(`Unparsable URL: ${text}`)
  const url = new URL(text)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? HTTPS_PORT : Number(url.port)
  const path = rooted(url.pathname)
  // The port stands in the API server's texts only when it was written.
  const authority = /^https:\/\/(?:[^@/]*@)?([^/?#]*)/i.exec(text)?.[1] ?? url.host
  return { url: `https://${authority}${path}`, host, port, path, serverName: host, service: undefined }
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}
