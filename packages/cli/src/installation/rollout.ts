import type { JsonObject } from '@proa/kube'
import type { KubeClient, ObjectRef } from '@proa/kube-client'
import { at, listAt, textAt } from './objects.ts'
import { waitFor } from './wait.ts'

/** Whether all replicas of a Deployment are of its newest template and ready (as `kubectl rollout status` has it). */
function isRolledOut(deployment: JsonObject | undefined): boolean {
  if (deployment === undefined) return false
  const number = (...keys: readonly string[]): number => {
    const value = at(deployment, ...keys)
    return typeof value === 'number' ? value : 0
  }
  const wanted = at(deployment, 'spec', 'replicas') === undefined ? 1 : number('spec', 'replicas')
  return (
    number('status', 'observedGeneration') >= number('metadata', 'generation') &&
    number('status', 'updatedReplicas') >= wanted &&
    number('status', 'availableReplicas') >= wanted &&
    number('status', 'replicas') <= number('status', 'updatedReplicas')
  )
}

/** Waits for a Deployment. False when the time was up. */
export async function waitForRollout(client: KubeClient, ref: ObjectRef, signal: AbortSignal): Promise<boolean> {
  return (await waitFor(client, ref, (object) => (isRolledOut(object) ? true : undefined), signal)) === true
}

/** Why the Pods of a Deployment are not ready, one line each; best effort. */
export async function rolloutProblems(
  client: KubeClient,
  deployment: ObjectRef,
  labelSelector: string,
): Promise<string[]> {
  const namespace = deployment.namespace ?? ''
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod', namespace, labelSelector })
  if (pods.items.length > 0) return [...pods.items.flatMap(podProblems), ...(await probeProblems(client, pods.items))]
  const events = await client.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=FailedCreate' })
  const own = events.items.filter((event) => textAt(event, 'involvedObject', 'name').startsWith(`${deployment.name}-`))
  const last = own.at(-1)
  return [last === undefined ? 'no Pod of it exists' : textAt(last, 'message')]
}

/** What the kubelet heard when it asked whether they are ready. */
async function probeProblems(client: KubeClient, pods: readonly JsonObject[]): Promise<string[]> {
  const [pod] = pods
  const namespace = textAt(pod, 'metadata', 'namespace')
  const events = await client.list({ apiVersion: 'v1', kind: 'Event', namespace, fieldSelector: 'reason=Unhealthy' })
  const names = pods.map((one) => textAt(one, 'metadata', 'name'))
  const own = events.items.filter((event) => names.includes(textAt(event, 'involvedObject', 'name')))
  return [...new Set(own.map((event) => textAt(event, 'message').trim()))]
}

function podProblems(pod: JsonObject): string[] {
  const name = textAt(pod, 'metadata', 'name')
  const statuses = listAt(pod, 'status', 'containerStatuses')
  const waiting = statuses.map((status) => at(status, 'state', 'waiting') ?? at(status, 'lastState', 'terminated'))
  const reasons = waiting
    .filter((state) => state !== undefined)
    .map((state) => [textAt(state, 'reason'), textAt(state, 'message')].filter((part) => part !== '').join(': '))
  if (reasons.length > 0) return reasons.map((reason) => `Pod ${name}: ${reason}`)
  const conditions = listAt(pod, 'status', 'conditions').filter((condition) => textAt(condition, 'status') === 'False')
  const why = conditions.map((one) =>
    [textAt(one, 'reason'), textAt(one, 'message')].filter((part) => part !== '').join(': '),
  )
  if (why.length > 0) return [`Pod ${name}: ${[...new Set(why)].join('; ')}`]
  return textAt(pod, 'status', 'phase') === 'Pending' ? [`Pod ${name}: no node was chosen for it yet`] : []
}
