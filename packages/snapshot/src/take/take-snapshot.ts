import {
  ALL_KINDS,
  type Cluster,
  clusterOf,
  KINDS,
  type Kind,
  type Probe,
  SNAPSHOT_API_VERSION,
  SNAPSHOT_KIND,
  type Snapshot,
  type Unread,
} from '@proa/doctor'
import { getOwn, type JsonObject } from '@proa/kube'
import { ConnectionError, type KubeClient, StatusError } from '@proa/kube-client'
import { probePodCreation, type WorkloadName } from '../probes/pod-creation.ts'
import { probeServedCertificates } from '../probes/served-certificate.ts'
import { type Collected, joined } from './collected.ts'
import {
  controlPlaneNamespaces,
  ROOT_CERTIFICATE,
  readAuthorities,
  readMeshConfigMaps,
  revisionNames,
} from './control-plane.ts'
import { readEvents } from './events.ts'
import { readLogs } from './logs.ts'
import { createReader, type Reader, unread } from './reader.ts'
import type { Refusal } from './refusal.ts'
import { leftOut, readableNamespaces, readKind, readKindWherePossible, type Scope } from './scope.ts'
import { nameOf } from './shapes.ts'

export interface TakeOptions {
  /** Only these namespaces are read, with those of control planes and kube-system. Default: all. */
  readonly namespaces?: readonly string[] | undefined
  /** Nothing is asked for in other namespaces than those: who may not read them need not bother the API server. Default false. */
  readonly only?: boolean | undefined
  /** Namespaces that the caller knows of. They are read when neither all can be read nor the names of all. */
  readonly likely?: readonly string[] | undefined
  /** Default: all. Kinds that are not read are `unread`. */
  readonly kinds?: readonly Kind[] | undefined
  /** Handshakes with injectors, logs, and Pods that are tried. Default true. */
  readonly probes?: boolean | undefined
  /** The workload that is asked about: a Pod of its template is tried. */
  readonly workload?: WorkloadName | undefined
  /** Pods can be reached without the API server: this runs in the cluster. Default false. */
  readonly direct?: boolean | undefined
  readonly now: () => Date
  /** Milliseconds that one request may take; default 20,000. */
  readonly requestTimeout?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly progress?: ((step: ProgressStep) => void) | undefined
}

/** `done` of `all` steps, and what was read or tried last. More may become known: `all` can grow. */
export interface ProgressStep {
  readonly done: number
  readonly all: number
  readonly text: string
}

const REQUEST_TIMEOUT = 20_000
const SYSTEM_NAMESPACE = 'kube-system'

/**
 * What the doctor looks at, from a live cluster. What a server refuses, or gives no answer about, is `unread` with the
 * reason. Nothing is written to the cluster: Pods are tried by a dry run.
 *
 * @throws ConnectionError when the API server cannot be reached at all; the reason of `signal` when it is aborted
 */
export async function takeSnapshot(client: KubeClient, options: TakeOptions): Promise<Snapshot> {
  const wait = { signal: options.signal, timeout: options.requestTimeout ?? REQUEST_TIMEOUT }
  wait.signal?.throwIfAborted()
  const step = steps(options.progress)
  const takenAt = options.now()
  const kubernetesVersion = await versionOf(client, wait)
  const reader = createReader(client, wait)
  const snapshot = (parts: Collected, probes: readonly Probe[] = [], logs: Snapshot['logs'] = []): Snapshot => ({
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: takenAt.toISOString(),
    source: { kind: 'cluster', server: client.server },
    ...(kubernetesVersion === undefined ? {} : { kubernetesVersion }),
    ...parts,
    probes,
    logs,
  })
  const objects = await readObjects(reader, options, step, (parts) => clusterOf(snapshot(parts)))
  wait.signal?.throwIfAborted()
  if (options.probes === false) return snapshot(objects)
  const cluster = clusterOf(snapshot(objects))
  const [served, logs] = await Promise.all([
    step('served certificates', () => probeServedCertificates(reader, cluster, { ...options, now: options.now() })),
    step('logs', () => readLogs(reader, cluster)),
  ])
  const created = await step('creation of Pods', () => probePodCreation(reader, cluster, options.workload))
  wait.signal?.throwIfAborted()
  return snapshot(objects, [...served, ...created], logs)
}

type Step = <T>(text: string, task: () => Promise<T>) => Promise<T>

function steps(progress: TakeOptions['progress']): Step {
  let done = 0
  let all = 0
  return async (text, task) => {
    all += 1
    const result = await task()
    done += 1
    progress?.({ done, all, text })
    return result
  }
}

/** That it can be reached at all, and is one, is found out with this: whoever knows no kind at all would have no problem either. */
async function versionOf(client: KubeClient, wait: Reader['wait']): Promise<string | undefined> {
  try {
    const version = getOwn(await client.request('GET', '/version', undefined, wait), 'gitVersion')
    if (typeof version === 'string') return version
  } catch (error) {
    wait.signal?.throwIfAborted()
    if (!(error instanceof StatusError)) throw error
    if (error.code !== 404) return undefined
  }
  throw new ConnectionError(`what answers at ${client.server} is no API server: it does not tell its version`)
}

async function readObjects(
  reader: Reader,
  options: TakeOptions,
  step: Step,
  asCluster: (parts: Collected) => Cluster,
): Promise<Collected> {
  const wanted = new Set(options.kinds ?? ALL_KINDS)
  const clusterWide = ALL_KINDS.filter((kind) => !KINDS[kind].namespaced && wanted.has(kind))
  const first = joined(
    await Promise.all(clusterWide.map((kind) => step(kind, () => readKind(reader, kind, { kind: 'all' })))),
  )
  const cluster = asCluster(first)
  const controlPlanes = controlPlaneNamespaces(cluster)
  const known = cluster.all('Namespace').map(nameOf)
  const { scope, missing } = await chooseScope(reader, options, known, controlPlanes)
  const bounded = await inScope(reader, first, scope, wanted)
  const rest = await readNamespaced(
    reader,
    { scope, wanted, controlPlanes, known, revisions: revisionNames(cluster) },
    step,
  )
  const notAsked = ALL_KINDS.filter((kind) => !wanted.has(kind)).map((kind) => unread(kind, NOT_ASKED))
  return joined([bounded, ...rest, { objects: [], unread: [...missing, ...notAsked] }])
}

const NOT_ASKED: Refusal = { reason: 'not-given', message: 'it was not asked for' }

/** Of the objects of a namespace nobody may say that they are not there. */
function notAskedIn(namespace: string): readonly Unread[] {
  const kinds = ALL_KINDS.filter((kind) => KINDS[kind].namespaced)
  return kinds.map((kind) => unread(kind, NOT_ASKED, { namespace }))
}

interface ChosenScope {
  readonly scope: Scope
  readonly missing: readonly Unread[]
}

async function chooseScope(
  reader: Reader,
  { namespaces, only, likely = [] }: TakeOptions,
  known: readonly string[],
  controlPlanes: readonly string[],
): Promise<ChosenScope> {
  const ours = [...controlPlanes, SYSTEM_NAMESPACE]
  if (namespaces !== undefined && only === true) {
    const others = controlPlanes.filter((name) => !namespaces.includes(name))
    return { scope: { kind: 'some', namespaces }, missing: others.flatMap(notAskedIn) }
  }
  if (namespaces !== undefined) {
    return { scope: { kind: 'some', namespaces: [...new Set([...namespaces, ...ours])] }, missing: [] }
  }
  const pods = await reader.list('Pod', { fieldSelector: 'metadata.name=proa-may-i' })
  const mayNot = pods.kind === 'refused' && pods.refusal.reason === 'forbidden'
  const readable = mayNot ? await readableNamespaces(reader, known.length > 0 ? known : likely) : []
  if (readable.length === 0) return { scope: { kind: 'all' }, missing: [] }
  const some = [...new Set([...readable, ...controlPlanes])]
  return {
    scope: { kind: 'some', namespaces: some },
    missing: leftOut(known.filter((name) => !some.includes(name))),
  }
}

/** Namespaces that are not read are not in the snapshot: of their objects nothing could be said. */
async function inScope(
  reader: Reader,
  { objects, unread: missing }: Collected,
  scope: Scope,
  wanted: ReadonlySet<Kind>,
): Promise<Collected> {
  if (scope.kind === 'all') return { objects, unread: missing }
  const kept = objects.filter((object) => object.kind !== 'Namespace' || scope.namespaces.includes(nameOf(object)))
  if (!wanted.has('Namespace') || !missing.some(({ kind }) => kind === 'Namespace'))
    return { objects: kept, unread: missing }
  // Who may not list namespaces may yet be allowed to read those that are asked for.
  const answers = await Promise.all(scope.namespaces.map((name) => reader.get('Namespace', undefined, name)))
  const found = answers.flatMap((answer): readonly JsonObject[] => (answer.kind === 'objects' ? answer.objects : []))
  const complete = answers.every((answer) => answer.kind === 'objects')
  return {
    objects: [...kept, ...found],
    unread: complete ? missing.filter(({ kind }) => kind !== 'Namespace') : missing,
  }
}

interface Reading {
  readonly scope: Scope
  readonly wanted: ReadonlySet<Kind>
  readonly controlPlanes: readonly string[]
  readonly known: readonly string[]
  readonly revisions: readonly string[]
}

/** The kinds of which not all objects are read have their own ways. */
const OWN_WAY: ReadonlySet<Kind> = new Set(['ConfigMap', 'Secret', 'Event'])

function readNamespaced(reader: Reader, reading: Reading, step: Step): Promise<readonly Collected[]> {
  const { scope, wanted, controlPlanes, known, revisions } = reading
  // Those first that are asked about most.
  const namespaces = [...new Set([...controlPlanes, ...known])]
  const kinds = ALL_KINDS.filter((kind) => KINDS[kind].namespaced && wanted.has(kind) && !OWN_WAY.has(kind))
  const tasks = kinds.map((kind) => step(kind, () => readKindWherePossible(reader, kind, { scope, namespaces })))
  if (wanted.has('Event')) tasks.push(step('Event', () => readEvents(reader, { scope, namespaces, controlPlanes })))
  if (wanted.has('ConfigMap')) {
    const where = ROOT_CERTIFICATE
    tasks.push(step('ConfigMap', () => readKindWherePossible(reader, 'ConfigMap', { scope, namespaces, where })))
    tasks.push(
      ...controlPlanes.map((one) => step(`ConfigMap in ${one}`, () => readMeshConfigMaps(reader, one, revisions))),
    )
  }
  if (wanted.has('Secret')) {
    tasks.push(...controlPlanes.map((one) => step(`Secret in ${one}`, () => readAuthorities(reader, one, revisions))))
  }
  return Promise.all(tasks)
}
