import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '@proa/kube'
import type { ClusterApi } from '../api/types.ts'
import type { Clock } from '../controllers/clock.ts'
import { at, nameOf, namespaceOf, objectAt, objectsAt, textAt, uidOf } from '../controllers/fields.ts'
import { writeAtomically } from './atomic-files.ts'
import type { PodFieldFacts } from './sources.ts'
import { type TokenWish, tokenWishes, volumeFiles } from './volumes.ts'

/** How a process of the cluster reaches the API server. */
export interface ApiServerAddress {
  /** `https://127.0.0.1:6443` */
  readonly url: string
  /** PEM */
  readonly ca: string
}

interface Token {
  readonly token: string
  /** Milliseconds since 1970: when to ask for a new one. */
  readonly renewAt: number
}

/** The files of a Pod that really runs. */
export interface PodFiles {
  readonly directory: string
  readonly kubeconfig: string
  /** Writes what is new. Returns the milliseconds until a token has to be renewed. */
  refresh(pod: JsonObject): Promise<number>
  /** A text with mount paths of the container in it, with the folders of this machine instead. */
  path(pod: JsonObject, container: JsonObject, text: string): string
  remove(): Promise<void>
}

export interface PodFilesOptions {
  readonly api: ClusterApi
  readonly clock: Clock
  readonly directory: string
  readonly apiServer: ApiServerAddress
  readonly facts: PodFieldFacts
}

/** The token of the kubeconfig: for the API server itself, an hour long as in a real Pod. */
const OWN_TOKEN: TokenWish = { audience: '', expirationSeconds: 3600 }
/** As the kubelet: a token is renewed when 80 % of its life are over. */
const RENEW_AT = 0.8
const SECOND = 1000

export function createPodFiles(options: PodFilesOptions): PodFiles {
  const { directory, clock } = options
  const kubeconfig = join(directory, 'kubeconfig')
  const tokenFile = join(directory, 'account', 'token')
  const tokens = new Map<string, Token>()
  let serial = 0

  const refreshTokens = async (pod: JsonObject): Promise<number> => {
    for (const wish of [OWN_TOKEN, ...tokenWishes(pod)]) {
      const key = JSON.stringify(wish)
      const known = tokens.get(key)
      if (known === undefined || known.renewAt <= clock.now().getTime())
        tokens.set(key, await newToken(options, pod, wish))
    }
    const next = Math.min(...[...tokens.values()].map((token) => token.renewAt))
    return Math.max(SECOND, next - clock.now().getTime())
  }
  const tokenFor = (wish: TokenWish) => tokens.get(JSON.stringify(wish))?.token ?? ''

  return {
    directory,
    kubeconfig,
    async refresh(pod) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      const again = await refreshTokens(pod)
      serial += 1
      const stamp = `${clock.now().getTime()}_${serial}`
      const own = new Map([['token', { content: Buffer.from(tokenFor(OWN_TOKEN)), mode: 0o600 }]])
      await writeAtomically(join(directory, 'account'), own, stamp)
      await writeOnce(kubeconfig, kubeconfigText(options.apiServer, namespaceOf(pod), tokenFile))
      const sources = { ...sourcesOf(options.api, pod), token: tokenFor }
      for (const volume of objectsAt(pod, 'spec', 'volumes')) {
        const target = volumeDirectory(directory, textAt(volume, 'name'))
        const files = volumeFiles(pod, volume, sources, options.facts)
        if (files === undefined) await mkdir(target, { recursive: true })
        else await writeAtomically(target, files, stamp)
      }
      return again
    },
    path: (pod, container, text) => translate(directory, pod, container, text),
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

/** Written again it would be empty for a moment, while a process may read it. */
async function writeOnce(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

export function sourcesOf(api: ClusterApi, pod: JsonObject) {
  const find = (kind: string) => (name: string) =>
    api.find({ apiVersion: 'v1', kind, name, namespace: namespaceOf(pod) })
  return { configMap: find('ConfigMap'), secret: find('Secret') }
}

function volumeDirectory(directory: string, volume: string): string {
  return join(directory, 'volumes', volume)
}

/** Mount paths at the start of the text or after `=`, `,` or `:`, longest first. */
function translate(directory: string, pod: JsonObject, container: JsonObject, text: string): string {
  const known = new Set(objectsAt(pod, 'spec', 'volumes').map((volume) => volume.name))
  const mounts = objectsAt(container, 'volumeMounts')
    .filter((mount) => known.has(mount.name ?? null) && textAt(mount, 'mountPath').startsWith('/'))
    .map((mount) => ({
      path: textAt(mount, 'mountPath').replace(/\/+$/, ''),
      real: join(volumeDirectory(directory, textAt(mount, 'name')), textAt(mount, 'subPath')),
    }))
    .sort((a, b) => b.path.length - a.path.length)
  for (const { path, real } of mounts) {
    for (const start of starts(text, path)) {
      return translate(directory, pod, container, text.slice(0, start)) + real + text.slice(start + path.length)
    }
  }
  return text
}

/** Where the path stands in the text as a path of its own. */
function starts(text: string, path: string): readonly number[] {
  const found: number[] = []
  for (let index = text.indexOf(path); path !== '' && index >= 0; index = text.indexOf(path, index + 1)) {
    const before = index === 0 ? '=' : (text[index - 1] ?? '')
    const after = text[index + path.length] ?? '/'
    if ('=,:'.includes(before) && '/,:'.includes(after)) found.push(index)
  }
  return found
}

async function newToken(options: PodFilesOptions, pod: JsonObject, wish: TokenWish): Promise<Token> {
  const answer = await options.api.create(
    {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: { name: textAt(pod, 'spec', 'serviceAccountName') || 'default', namespace: namespaceOf(pod) },
      spec: {
        audiences: wish.audience === '' ? [] : [wish.audience],
        expirationSeconds: wish.expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), uid: uidOf(pod) },
      },
    },
    { subresource: 'token' },
  )
  const now = options.clock.now().getTime()
  const end = Date.parse(textAt(answer, 'status', 'expirationTimestamp'))
  const life = Number.isNaN(end) ? wish.expirationSeconds * SECOND : end - now
  return { token: textAt(answer, 'status', 'token'), renewAt: now + life * RENEW_AT }
}

function kubeconfigText(server: ApiServerAddress, namespace: string, tokenFile: string): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'local',
        cluster: { server: server.url, 'certificate-authority-data': Buffer.from(server.ca).toString('base64') },
      },
    ],
    users: [{ name: 'pod', user: { tokenFile } }],
    contexts: [{ name: 'pod', context: { cluster: 'local', user: 'pod', namespace } }],
    'current-context': 'pod',
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

/** Whether the Pod's files are made of that ConfigMap or Secret. */
export function mentions(pod: JsonObject, source: JsonObject): boolean {
  const name = nameOf(source)
  const texts = JSON.stringify([
    objectAt(pod, 'spec').volumes ?? null,
    at(pod, 'spec', 'containers') ?? null,
    at(pod, 'spec', 'initContainers') ?? null,
  ])
  return namespaceOf(pod) === namespaceOf(source) && texts.includes(JSON.stringify(name))
}
