import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import { isForbidden, type KubeClient, type Timing } from '@proa/kube-client'
import { certificateFacts } from '@proa/pki'
import type { CertificateLog } from './certificate-log.ts'
import type { Leadership } from './leadership.ts'
import { createRoot, issueLeaf } from './material.ts'
import { ownRoots, publishedBundles } from './published-roots.ts'
import { initialState, type Recovery, recoveryPlan } from './recovery-plan.ts'
import {
  advance,
  materialFor,
  type Observation,
  type RotationAction,
  type RotationPolicy,
  rotationPlan,
} from './rotation-plan.ts'
import { type AuthorityState, bundleOf, type TrustedRoot } from './rotation-state.ts'
import { type ReadSecret, ROTATE_ANNOTATION, readSecret, SECRET_KEYS, secretData } from './secret-format.ts'

export interface KeeperOptions {
  readonly client: KubeClient
  readonly namespace: string
  readonly secretName: string
  readonly revision: string
  readonly dnsNames: readonly string[]
  readonly policy: RotationPolicy
  readonly leadership: Leadership
  readonly now: () => Date
  readonly timing: Timing
  readonly log: CertificateLog
  /** Nothing is written after it is aborted. */
  readonly signal: AbortSignal
}

/** What was found in a turn, and when the next is due (milliseconds; 0: at once). */
export interface Turn {
  readonly state: AuthorityState | undefined
  readonly problem: string | undefined
  readonly again: number
}

export interface Keeper {
  /** Reads the Secret and does at most one step. Rejects when the API server refuses or cannot be reached. */
  turn(): Promise<Turn>
  request(what: 'root' | 'leaf'): Promise<void>
  freshBundle(): Promise<string | undefined>
}

const FIELD_MANAGER = 'proa-certificates'
/** Milliseconds between two looks at the webhook configurations while they have to take a root. */
const OBSERVE_EVERY = 5000
/** Milliseconds that a replica without memory waits for the others to restore a Secret. */
const RESTORE_GRACE = 10_000

/** Does the steps that the plans say, one write of the Secret each; a write fails when somebody wrote in between. */
export function keeper(options: KeeperOptions): Keeper {
  const { client, namespace, secretName, now, timing, policy, leadership, log } = options
  const ref = { apiVersion: 'v1', kind: 'Secret', namespace, name: secretName }
  const commonName = `${secretName}.${namespace}`.slice(0, 64)
  const observe = observer(options)
  let remembered: AuthorityState | undefined
  let unusableSince: number | undefined

  async function write(secret: JsonObject | undefined, state: AuthorityState, done?: RotationAction): Promise<void> {
    options.signal.throwIfAborted()
    if (secret !== undefined) {
      await client.replace(withState(secret, state, done), { fieldManager: FIELD_MANAGER })
      return
    }
    const empty = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace }, type: 'Opaque' }
    try {
      await client.create(withState(empty, state), { fieldManager: FIELD_MANAGER })
    } catch (error) {
      if (!isForbidden(error)) throw error
      throw new Error(
        `the Secret ${namespace}/${secretName} does not exist, and this program may not create it; apply the manifests again`,
        { cause: error },
      )
    }
  }

  async function keep(secret: JsonObject, read: ReadSecret & { readonly outcome: 'good' }): Promise<Turn> {
    const { state, requested } = read
    remembered = state
    unusableSince = undefined
    const turn = (again: number): Turn => ({ state, problem: undefined, again })
    if (!leadership.leading) return turn(Number.POSITIVE_INFINITY)
    const everywhereSince = await observe(state)
    const at = now()
    const observation = { everywhereSince, requested, dnsNames: options.dnsNames, ...beginnings(secret, state) }
    const step = rotationPlan(state, at.getTime(), observation, policy)
    if (step.action === 'wait') {
      const awaiting = state.next !== undefined || !state.settled
      return turn(Math.min(step.until - at.getTime(), awaiting ? OBSERVE_EVERY : Number.POSITIVE_INFINITY))
    }
    const { root, leafBy } = materialFor(state, step)
    const material = {
      ...(root ? { root: await createRoot(commonName, at, policy) } : {}),
      ...(leafBy === undefined ? {} : { leaf: await issueLeaf(leafBy, options.dnsNames, at, policy) }),
    }
    await write(secret, advance(state, step, material, policy), step)
    log.info({ step: step.action, ...('reason' in step ? { reason: step.reason } : {}) }, 'authority: step done')
    return turn(0)
  }

  async function recover(
    secret: JsonObject | undefined,
    read: Exclude<ReadSecret, { outcome: 'good' }>,
  ): Promise<Turn> {
    unusableSince ??= timing.now()
    const published = (await publishedBundles(client, options.revision)).map((roots) => ownRoots(roots, commonName))
    const at = now()
    const remains = {
      secret: read.outcome,
      remembered,
      published: published.filter((roots) => roots.length > 0),
      salvaged: read.outcome === 'corrupt' ? ownRoots(read.salvaged, commonName) : [],
      leading: leadership.leading,
      since: at.getTime() - (timing.now() - unusableSince),
    }
    const plan = recoveryPlan(remains, at.getTime(), RESTORE_GRACE, policy)
    const problem = recoveryProblem(`${namespace}/${secretName}`, read, plan)
    if (plan.action === 'wait') return { state: undefined, problem, again: plan.until - at.getTime() }
    if (problem !== undefined) log.warn({}, `certificates: ${problem}`)
    await write(secret, await recovered(plan, at))
    log.info({ step: plan.action }, 'authority: step done')
    return { state: undefined, problem: undefined, again: 0 }
  }

  async function recovered(plan: Exclude<Recovery, { action: 'wait' }>, at: Date): Promise<AuthorityState> {
    if (plan.action === 'restore') return plan.state
    const root = await createRoot(commonName, at, policy)
    return initialState(root, await issueLeaf(root, options.dnsNames, at, policy), plan.inherited)
  }

  return {
    async turn() {
      const secret = await client.find(ref)
      const read = readSecret(secret)
      if (read.outcome === 'good' && secret !== undefined) return await keep(secret, read)
      return await recover(secret, read.outcome === 'good' ? { outcome: 'missing' } : read)
    },
    async request(what) {
      const body = { metadata: { annotations: { [ROTATE_ANNOTATION]: what } } }
      await client.patch(ref, { type: 'merge', body }, { fieldManager: FIELD_MANAGER })
    },
    async freshBundle() {
      const read = readSecret(await client.find(ref))
      return read.outcome === 'good' ? bundleOf(read.state) : undefined
    },
  }
}

type Beginnings = Pick<Observation, 'issuingBegins' | 'nextBegins' | 'leafBegins'>

/**
 * From when on they are valid, where that is later than the moment when the API server, by its own clock, stored them: the clock
 * that made them was ahead. Our own clock is not asked, for one that is behind would find fault with everything.
 */
function beginnings(secret: JsonObject, { issuing, next, leaf }: AuthorityState): Beginnings {
  const stored = storedAt(secret)
  const begins = (one: Pick<TrustedRoot, 'certificate'> | undefined): number | undefined => {
    if (one === undefined || stored === undefined) return undefined
    const at = certificateFacts(one.certificate).notBefore.getTime()
    return at > stored ? at : undefined
  }
  return { issuingBegins: begins(issuing), nextBegins: begins(next), leafBegins: begins(leaf) }
}

/** When the API server stored the last change of the object that it noted down. */
function storedAt(object: JsonObject): number | undefined {
  const metadata = getOwn(object, 'metadata')
  const fields = isObject(metadata) ? getOwn(metadata, 'managedFields') : undefined
  const times = (fields !== undefined && isArray(fields) ? fields : [])
    .map((one) => Date.parse(isObject(one) ? String(getOwn(one, 'time')) : ''))
    .filter((time) => !Number.isNaN(time))
  return times.length === 0 ? undefined : Math.max(...times)
}

/** Tells since when the root that is being introduced is in every webhook configuration; by a clock that nobody sets. */
function observer({ client, revision, timing, now, log }: KeeperOptions) {
  let seen: { readonly root: string; readonly since: number } | undefined
  let complained = ''
  return async (state: AuthorityState): Promise<number | undefined> => {
    const awaited = state.next ?? (state.settled ? undefined : state.issuing)
    if (awaited === undefined) {
      seen = undefined
      return undefined
    }
    try {
      const bundles = await publishedBundles(client, revision)
      if (!bundles.every((roots) => roots.some(({ id }) => id === awaited.id))) seen = undefined
      else if (seen?.root !== awaited.id) seen = { root: awaited.id, since: timing.now() }
      complained = ''
    } catch (error) {
      seen = undefined
      const message = error instanceof Error ? error.message : String(error)
      if (message !== complained)
        log.warn({}, `authority: cannot see whether the new root is trusted everywhere: ${message}`)
      complained = message
    }
    return seen === undefined ? undefined : now().getTime() - (timing.now() - seen.since)
  }
}

function recoveryProblem(
  name: string,
  read: Exclude<ReadSecret, { outcome: 'good' }>,
  plan: Recovery,
): string | undefined {
  if (read.outcome === 'corrupt') return `the Secret ${name} cannot be used and will be written anew: ${read.problem}`
  if (plan.action === 'create' && plan.inherited.length === 0) return undefined
  return `the Secret ${name} is gone or empty; it will be written again`
}

const OUR_KEYS: readonly string[] = Object.values(SECRET_KEYS)

/** The Secret with another content; keys and annotations of others stay. */
function withState(secret: JsonObject, state: AuthorityState, done?: RotationAction): JsonObject {
  const data = getOwn(secret, 'data')
  const others = isObject(data) ? Object.entries(data).filter(([key]) => !OUR_KEYS.includes(key)) : []
  return {
    ...secret,
    metadata: withoutRequest(getOwn(secret, 'metadata'), done),
    data: { ...Object.fromEntries(others), ...secretData(state) },
  }
}

/** The steps with which what was asked for has begun. */
const ANSWERS: ReadonlyMap<string, readonly RotationAction['action'][]> = new Map([
  ['root', ['publish', 'switch']],
  ['leaf', ['renew']],
])

/** A rotation that has begun is no longer asked for. */
function withoutRequest(metadata: JsonObject[string] | undefined, done: RotationAction | undefined): JsonObject {
  if (!isObject(metadata)) return {}
  const annotations = getOwn(metadata, 'annotations')
  if (!isObject(annotations)) return metadata
  const answers = ANSWERS.get(String(getOwn(annotations, ROTATE_ANNOTATION)))
  if (done === undefined || !answers?.includes(done.action)) return metadata
  const { [ROTATE_ANNOTATION]: _, ...others } = annotations
  return { ...metadata, annotations: others }
}
