import { readFileSync } from 'node:fs'
import { Agent as HttpAgent, type OutgoingHttpHeaders } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import { KubeConfigError } from '../errors.ts'
import type { ChosenContext } from './choose.ts'
import { fileOf, type NamedEntry, textOf } from './kubeconfig-file.ts'

/** What a request needs to reach the server and to be known to it. */
export interface RequestAccess {
  readonly headers: OutgoingHttpHeaders
  readonly agent: HttpAgent
  readonly tls: TlsOptions
}

export interface TlsOptions {
  readonly ca?: string | Buffer
  readonly cert?: string | Buffer
  readonly key?: string | Buffer
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
}

/** Connections stay open between requests; as many as there are requests at a time. */
export function keepAliveAgent(server: string): HttpAgent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000 }
  return server.startsWith('https:') ? new HttpsAgent(options) : new HttpAgent(options)
}

/**
 * Certificates and keys as they are on disk now: whoever renews them needs no restart.
 *
 * @throws KubeConfigError naming the file or field
 */
export function readTls({ cluster, user }: ChosenContext): TlsOptions {
  const ca = pem(cluster, 'certificate-authority', 'CERTIFICATE')
  const cert = user === undefined ? undefined : pem(user, 'client-certificate', 'CERTIFICATE')
  const key = user === undefined ? undefined : pem(user, 'client-key', 'PRIVATE KEY')
  if (user !== undefined && (cert === undefined) !== (key === undefined)) {
    const [has, lacks] =
      cert === undefined ? ['client-key', 'client-certificate'] : ['client-certificate', 'client-key']
    throw new KubeConfigError(`kubeconfig ${user.file}: user "${user.name}" has a ${has} but no ${lacks}`)
  }
  const servername = textOf(cluster, 'tls-server-name')
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(getOwn(cluster.body, 'insecure-skip-tls-verify') === true ? { rejectUnauthorized: false } : {}),
  }
}

/** `<key>-data` (base64) goes before the file `<key>`, as in kubectl. */
function pem(entry: NamedEntry, key: string, block: string): Buffer | undefined {
  const data = textOf(entry, `${key}-data`)
  const file = fileOf(entry, key)
  if (data === undefined && file === undefined) return undefined
  const where = data !== undefined ? `${key}-data of "${entry.name}"` : `${key} ${file}`
  const bytes = data !== undefined ? Buffer.from(data, 'base64') : readBytes(file ?? '', entry, key)
  if (bytes.includes(`${block}-----`)) return bytes
  throw new KubeConfigError(`kubeconfig ${entry.file}: ${where} holds no PEM block ${block}`)
}

function readBytes(file: string, entry: NamedEntry, key: string): Buffer {
  try {
    return readFileSync(file)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'you may not read it' : String(code)
    throw new KubeConfigError(`kubeconfig ${entry.file}: ${key} ${file}: ${reason}`, { cause })
  }
}

/** Headers of a user with a token or password; plugins (`exec`, `auth-provider`) are another matter. */
export function staticHeaders(user: NamedEntry | undefined): OutgoingHttpHeaders {
  if (user === undefined) return {}
  const authorization = authorizationOf(user)
  return { ...(authorization === undefined ? {} : { Authorization: authorization }), ...impersonation(user.body) }
}

function authorizationOf(user: NamedEntry): string | undefined {
  const file = fileOf(user, 'tokenFile') ?? fileOf(user, 'token-file')
  // The file first: the kubelet renews the token in it.
  if (file !== undefined) return `Bearer ${readBytes(file, user, 'tokenFile').toString('utf8').trim()}`
  const token = textOf(user, 'token')
  if (token !== undefined) return `Bearer ${token.trim()}`
  const name = textOf(user, 'username')
  if (name === undefined) return undefined
  return `Basic ${Buffer.from(`${name}:${textOf(user, 'password') ?? ''}`).toString('base64')}`
}

/** `as`, `as-uid`, `as-groups`, `as-user-extra`: acting for somebody else. */
function impersonation(user: JsonObject): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {}
  const name = getOwn(user, 'as')
  const uid = getOwn(user, 'as-uid')
  if (typeof name === 'string' && name !== '') headers['Impersonate-User'] = name
  if (typeof uid === 'string' && uid !== '') headers['Impersonate-Uid'] = uid
  const groups = texts(getOwn(user, 'as-groups'))
  if (groups.length > 0) headers['Impersonate-Group'] = groups
  const extra = getOwn(user, 'as-user-extra')
  if (isObject(extra)) {
    for (const [key, values] of Object.entries(extra)) {
      headers[`Impersonate-Extra-${encodeURIComponent(key)}`] = texts(values)
    }
  }
  return headers
}

function texts(value: unknown): string[] {
  return isArray(value as never) ? (value as unknown[]).filter((one) => typeof one === 'string') : []
}
