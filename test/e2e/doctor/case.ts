import { expect, it } from 'vitest'
import type { JsonFinding } from '../../../packages/doctor/src/report/json.ts'
import { isOnPath } from '../harness/on-path.ts'
import { outcomeOf, podOf } from '../suite/objects.ts'
import { POLL } from '../suite/start.ts'
import { asPrinted } from './as-printed.ts'
import { type DeploymentShape, findingsOf, type Outcome, refOf, type Stage } from './stage.ts'

/** A failure that is really produced, found, and repaired. */
export interface DoctorCase {
  readonly id: string
  readonly title: string
  /** Labels of the namespace. Default: those that ask for injection. */
  readonly namespace?: Readonly<Record<string, string>>
  readonly deployment?: DeploymentShape
  /** Before the Deployment is created. */
  readonly before?: (place: Place) => Promise<unknown>
  /** What the Pod gets. */
  readonly happens: Outcome | RegExp
  /** After the Deployment was created: what makes the cluster well again but for what is to be found. */
  readonly after?: (place: Place) => Promise<unknown>
  /** Another finding that is there, of the same cause. */
  readonly also?: string
  /** What the text of the API server leads to, where it does not know the cause. Default: `id`. */
  readonly saying?: string
  /** Default 0: a warning. */
  readonly exitCode?: 0 | 2
  /**
   * What a fix that is not a change of an object tells people to do, or `as printed`: its commands are typed into a shell.
   * Default: `proa doctor --fix --yes`.
   */
  readonly byHand?: 'as printed' | ((place: Place, finding: JsonFinding) => Promise<unknown>)
  /** Whether it is also the first of `proa doctor` without a target. Default true. */
  readonly isFirstOfAll?: false
  /** What the next Pod gets. Default `injected`. */
  readonly next?: Outcome | RegExp
}

export interface Place extends Stage {
  readonly namespace: string
}

const ENABLED = { 'istio-injection': 'enabled' }

export function itFinds(stage: () => Stage, one: DoctorCase): void {
  const lacks = one.byHand === 'as printed' && !isOnPath('kubectl')
  const title = `${one.id}: ${one.title}`
  if (lacks) {
    it.skip(`${title} (skipped: kubectl is not on PATH)`)
    return
  }
  it(title, async () => {
    await isWell(stage())
    const place = { ...stage(), namespace: await stage().createNamespace(one.namespace ?? ENABLED) }
    await one.before?.(place)
    const outcome = await place.deploy(place.namespace, one.deployment)
    expect(outcome).toEqual(typeof one.happens === 'string' ? one.happens : expect.stringMatching(one.happens))
    await one.after?.(place)
    const finding = await found(place, one, outcome)
    await repair(place, one, finding)
    await place.nextPodIs(place.namespace, one.next ?? 'injected')
    const { findings } = await place.doctor('deploy', `${place.namespace}/web`)
    expect(findings.filter(({ id }) => id === one.id)).toEqual([])
  })
}

/** What an earlier case has broken works again. */
async function isWell({ client, cluster }: Stage): Promise<void> {
  await cluster.runInjectors(2)
  const pod = podOf('well', 'well', { labels: {} })
  await expect.poll(() => outcomeOf(client, pod), POLL).toBe('injected by default')
}

/** The doctor names the cause first, whatever way it is asked. */
async function found(place: Place, one: DoctorCase, outcome: Outcome): Promise<JsonFinding> {
  const report = await place.doctor('deploy', `${place.namespace}/web`)
  const [first, ...others] = findingsOf(report)
  expect({ first: first?.id, exitCode: report.exitCode, others: others.map(titleOf) }).toMatchObject({
    first: one.id,
    exitCode: one.exitCode ?? 0,
  })
  if (one.also !== undefined) expect(others.map(({ id }) => id)).toContain(one.also)
  const all = await place.doctor()
  if (one.isFirstOfAll !== false) expect(findingsOf(all).map(titleOf)[0]).toMatch(one.id)
  if (outcome.startsWith('refused: ')) {
    const explained = await place.doctor('--message', outcome)
    expect((explained as unknown as { messages: readonly unknown[] }).messages[0]).toMatchObject({
      checks: expect.arrayContaining([one.saying ?? one.id]),
    })
  }
  if (first === undefined) throw new Error('nothing was found')
  return first
}

const titleOf = ({ id, object, message }: JsonFinding): string => `${id} ${object.kind} ${object.name}: ${message}`

async function repair(place: Place, one: DoctorCase, finding: JsonFinding): Promise<void> {
  const { client, cluster, namespace } = place
  if (one.byHand === 'as printed') return asPrinted(place, finding)
  if (one.byHand !== undefined) return void (await one.byHand(place, finding))
  const changes = finding.fix?.changes ?? []
  expect(changes).not.toEqual([])
  const target = ['doctor', 'deploy', `${namespace}/web`, '--fix']
  const now = () => Promise.all(changes.map(({ object }) => client.find(refOf({ ...object, metadata: { ...object } }))))
  const before = await now()
  const planned = await cluster.proa(...target, '--dry-run')
  expect(planned.stdout).toContain(`(${one.id}`)
  expect(await now()).toEqual(before)
  const { stdout, stderr } = await cluster.proa(...target, '--yes')
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/: done\n/), stderr: '' })
}
