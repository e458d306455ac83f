import { KINDS, type Kind, type Unread } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'
import type { KubeClient, ListOptions, ListRef } from '@proa/kube-client'
import { type Bounded, bounded } from './bounded.ts'
import { type Refusal, refusalOf } from './refusal.ts'
import { sharing } from './sharing.ts'
import { trimmed } from './trim.ts'

export type Answer =
  | { readonly kind: 'objects'; readonly objects: readonly JsonObject[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export interface Wait {
  readonly signal: AbortSignal | undefined
  /** Milliseconds for one request. */
  readonly timeout: number
}

/** Questions to the API server, a few at a time, whose refusals are answers. */
export interface Reader {
  readonly client: KubeClient
  readonly wait: Wait
  readonly run: Bounded
  list(kind: Kind, where?: Omit<ListRef, 'apiVersion' | 'kind'>): Promise<Answer>
  get(kind: Kind, namespace: string | undefined, name: string): Promise<Answer>
}

/** As many requests at a time as a slow API server stands, and a far one needs. */
const AT_A_TIME = 6

export function createReader(client: KubeClient, wait: Wait): Reader {
  const run = bounded(AT_A_TIME)
  const shared = sharing()
  const ask = (question: () => Promise<readonly JsonObject[]>): Promise<Answer> =>
    run(async () => {
      try {
        wait.signal?.throwIfAborted()
        return { kind: 'objects', objects: await question() }
      } catch (error) {
        wait.signal?.throwIfAborted()
        return { kind: 'refused', refusal: refusalOf(error) }
      }
    })
  const listing = (kind: Kind): ListOptions => ({
    ...wait,
    keep(object) {
      const kept = trimmed(kind, object)
      return kept === undefined ? undefined : shared(kept)
    },
  })
  return {
    client,
    wait,
    run,
    list: (kind, where = {}) =>
      ask(async () => (await client.list({ ...reference(kind), ...where }, listing(kind))).items),
    get: (kind, namespace, name) =>
      ask(async () => {
        const ref = { ...reference(kind), name, ...(namespace === undefined ? {} : { namespace }) }
        const found = await client.find(ref, wait)
        return found === undefined ? [] : [found]
      }),
  }
}

function reference(kind: Kind): { readonly apiVersion: string; readonly kind: string } {
  const { apiVersion, kind: name } = KINDS[kind]
  return { apiVersion, kind: name }
}

export function unread(
  kind: Kind,
  { reason, message }: Refusal,
  where: { namespace?: string; name?: string } = {},
): Unread {
  return { ...reference(kind), ...where, reason, message }
}
