import { isObject, type JsonObject } from '@proa/kube'
import { type KubeClient, type ObjectRef, watchObjects } from '@proa/kube-client'
import { expect, onTestFinished } from 'vitest'
import type { JsonFinding, JsonReport } from '../../../packages/doctor/src/report/json.ts'
import { systemClock } from '../../../packages/local-cluster/src/controllers/clock.ts'
import { type Local, startLocal } from '../harness/local.ts'
import { isInjected, type PodShape, podOf, tryCreate } from '../suite/objects.ts'
import { POLL } from '../suite/start.ts'
import { rootCertificate } from './control-plane.ts'

/** Milliseconds. Whatever is waited for comes much sooner. */
const PATIENCE = 30_000

/** What became of a Pod: `injected`, `untouched`, or `refused: …` with what the API server said. */
export type Outcome = string

export interface DeploymentShape extends PodShape {
  readonly replicas?: number
  /** Metadata of the Deployment itself, beside its name. */
  readonly outside?: JsonObject
}

/** A cluster with an injector, for one case: what a case makes or breaks ends with it. */
export interface Stage {
  readonly cluster: Local
  readonly client: KubeClient
  /** A namespace that goes when the case ends. */
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>
  /** Creates the Deployment `web` and tells what became of its Pods. */
  deploy(namespace: string, shape?: DeploymentShape): Promise<Outcome>
  /** Really creates one more Pod like those of the Deployment, once it would turn out so: injectors hear of changes by a watch. */
  nextPodIs(namespace: string, expected: Outcome | RegExp): Promise<void>
  /** Creates something that goes when the case ends. */
  create(object: JsonObject): Promise<JsonObject>
  /** Writes or (undefined) deletes an object, which is as before when the case ends. */
  change(ref: ObjectRef, how: (object: JsonObject) => JsonObject | undefined): Promise<void>
  /** Makes what was written before old enough to have been heard of everywhere. */
  passTime(): void
  doctor(...words: readonly string[]): Promise<JsonReport>
  /** Whatever has to be undone when the case ends, the last thing first. */
  afterwards(undo: () => Promise<unknown>): void
}

/** Findings in the order in which people read them, but for the verdict on the workload, which is always there. */
export function findingsOf({ findings }: JsonReport): readonly JsonFinding[] {
  const others = findings.filter(({ id }) => id !== 'INJ100')
  const worst = (wanted: string): number =>
    Math.min(...others.flatMap(({ category, severity }) => (category === wanted ? [SEVERITIES.indexOf(severity)] : [])))
  return others.toSorted((a, b) => worst(a.category) - worst(b.category))
}

const SEVERITIES = ['error', 'warn', 'info']

/** Starts the cluster with its clock in the past, so that time can pass in it. */
export async function startStage(): Promise<Stage> {
  let behind = 10 * 60_000
  const clock = { ...systemClock, now: () => new Date(Date.now() - behind) }
  const passTime = (): void => {
    behind -= 20_000
    if (behind < 0) throw new Error('the clock of the cluster would be in the future')
  }
  return stageIn(await startLocal({ clock }), passTime)
}

export function stageIn(cluster: Local, passTime = (): void => {}): Stage {
  const { client } = cluster
  /** By the case that runs: each is put back once, as it was at first. */
  const changed = new Set<string>()
  const stage: Stage = {
    cluster,
    client,
    async createNamespace(labels = {}) {
      const name = await cluster.createNamespace(labels)
      await client.create(rootCertificate(name))
      stage.afterwards(() => client.delete({ apiVersion: 'v1', kind: 'Namespace', name }))
      return name
    },
    async deploy(namespace, shape = {}) {
      await client.create(deploymentOf(namespace, shape))
      return outcomeOfDeployment(client, namespace)
    },
    async nextPodIs(namespace, expected) {
      const pod = await podOfDeployment(client, namespace)
      const isSo = typeof expected === 'string' ? expected : expect.stringMatching(expected)
      await expect.poll(() => happened(client, pod, true), POLL).toEqual(isSo)
      expect(await happened(client, pod, false)).toEqual(isSo)
    },
    async create(object) {
      const created = await client.create(object)
      stage.afterwards(() => client.delete(refOf(created)))
      return created
    },
    async change(ref, how) {
      const before = await client.get(ref)
      const key = JSON.stringify(ref)
      if (!changed.has(key)) stage.afterwards(() => putBack(client, ref, before).finally(() => changed.delete(key)))
      changed.add(key)
      const after = how(structuredClone(before))
      if (after === undefined) await client.delete(ref)
      else await client.replace(after)
    },
    passTime,
    async doctor(...words) {
      const { stdout, stderr, code } = await cluster.proa('doctor', ...words, '-o', 'json')
      expect(stderr).toBe('')
      const report = JSON.parse(stdout) as JsonReport
      expect(report.exitCode).toBe(code)
      return report
    },
    afterwards: (undo) => onTestFinished(() => undo().then(() => {})),
  }
  return stage
}

export function refOf({ apiVersion, kind, metadata }: JsonObject): ObjectRef {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isObject(metadata)) throw new Error('no object')
  const { name, namespace } = metadata
  return { apiVersion, kind, name: String(name), ...(typeof namespace === 'string' ? { namespace } : {}) }
}

/** Its own fields, as somebody would write them again. */
async function putBack(client: KubeClient, ref: ObjectRef, before: JsonObject): Promise<void> {
  const now = await client.find(ref)
  const { resourceVersion: _, uid: __, managedFields: ___, ...metadata } = before.metadata as JsonObject
  if (now === undefined) return void (await client.create({ ...before, metadata }))
  const { resourceVersion = null } = now.metadata as JsonObject
  await client.replace({ ...before, metadata: { ...metadata, resourceVersion } })
}

const APP = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }

function deploymentOf(namespace: string, { replicas = 1, outside = {}, ...shape }: DeploymentShape): JsonObject {
  const labels = { app: 'web', ...shape.labels }
  const { metadata, spec } = podOf('', '', { ...shape, labels })
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { ...outside, name: 'web', namespace },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: metadata.labels, annotations: metadata.annotations }, spec },
    },
  }
}

/** Its first Pod, or the Event that says why there is none. */
async function outcomeOfDeployment(client: KubeClient, namespace: string): Promise<Outcome> {
  const pods = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector: 'app=web' }
  const events = { apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=FailedCreate' }
  const first = Promise.withResolvers<Outcome>()
  const late = setTimeout(() => first.reject(new Error('neither a Pod nor a failure')), PATIENCE)
  const watches = [
    watchObjects(client, pods, { changed: (pod) => pod && first.resolve(verdict(pod)) }),
    watchObjects(client, events, { changed: (event) => event && first.resolve(`refused: ${event.message}`) }),
  ]
  try {
    return await first.promise
  } finally {
    clearTimeout(late)
    for (const watch of watches) watch.stop()
  }
}

function verdict(pod: JsonObject): Outcome {
  return isInjected(pod) ? 'injected' : 'untouched'
}

async function podOfDeployment(client: KubeClient, namespace: string): Promise<JsonObject> {
  const { spec } = await client.get({ ...APP, namespace })
  const { template } = spec as { readonly template: { readonly metadata: JsonObject; readonly spec: JsonObject } }
  const metadata = { ...template.metadata, name: 'next', namespace }
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: template.spec }
}

async function happened(client: KubeClient, pod: JsonObject, dryRun: boolean): Promise<Outcome> {
  const result = await tryCreate(client, pod, dryRun)
  return 'refusal' in result ? `refused: ${result.refusal}` : verdict(result.pod)
}
