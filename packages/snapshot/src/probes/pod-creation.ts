import type { Cluster, PodCreationProbe } from '@proa/doctor'
import { ConnectionError, StatusError } from '@proa/kube-client'
import type { Reader } from '../take/reader.ts'
import { part } from '../take/shapes.ts'
import { type PodToTry, samplePods } from './sample-pod.ts'
import { podOfWorkload, type WorkloadName } from './workload-pod.ts'

export type { WorkloadName } from './workload-pod.ts'

/**
 * Sends Pods to the API server as a dry run: its webhooks are really called, and nothing is stored. The asked workload's, or
 * one sample for each injection webhook.
 */
export async function probePodCreation(
  reader: Reader,
  cluster: Cluster,
  workload: WorkloadName | undefined,
): Promise<readonly PodCreationProbe[]> {
  const tries = workload === undefined ? samplePods(cluster) : podOfWorkload(cluster, workload)
  const probes: PodCreationProbe[] = []
  // One after the other: the client collects the warnings of all requests together.
  for (const one of tries) probes.push(await tryPod(reader, one))
  return probes
}

async function tryPod(reader: Reader, { namespace, pod, workload }: PodToTry): Promise<PodCreationProbe> {
  const labels = Object.entries(part(part(pod, 'metadata'), 'labels'))
  const probe = {
    kind: 'pod-creation',
    namespace,
    ...(workload === undefined ? {} : { workload }),
    labels: Object.fromEntries(labels.filter((label): label is [string, string] => typeof label[1] === 'string')),
  } as const
  const { client, wait } = reader
  client.takeWarnings()
  try {
    wait.signal?.throwIfAborted()
    const created = await client.create(pod, { dryRun: true, fieldManager: 'proa-doctor', ...wait })
    return { ...probe, outcome: { kind: 'created', pod: created, warnings: client.takeWarnings() } }
  } catch (error) {
    wait.signal?.throwIfAborted()
    return { ...probe, outcome: refused(error) }
  }
}

function refused(error: unknown): PodCreationProbe['outcome'] {
  if (error instanceof StatusError) {
    // Who may not create Pods learns nothing from it: the webhooks were not asked.
    const kind = isAuthorization(error) ? 'not-possible' : 'refused'
    if (kind === 'not-possible') return { kind, message: error.message }
    return { kind, code: error.code, message: error.message }
  }
  if (error instanceof ConnectionError) return { kind: 'not-possible', message: error.message }
  throw error
}

/** Quotas, admission plugins and webhooks refuse with the same code, and other words. */
function isAuthorization({ code, message }: StatusError): boolean {
  return code === 401 || (code === 403 && / cannot create resource "pods"/.test(message))
}
