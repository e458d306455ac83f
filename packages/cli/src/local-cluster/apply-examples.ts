import { getOwn, isObject, type JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import type { Context } from '../context.ts'
import { type InputObject, objectMetadata } from '../inputs/objects.ts'
import { listAt, textAt } from '../installation/objects.ts'
import { textOf } from '../results/changes.ts'
import { loadInputs } from '../workloads/load-inputs.ts'

const FIELD_MANAGER = 'proa-start'

/** A workload of the examples, and what its file says should become of its Pods. */
export interface Example {
  readonly object: JsonObject
  readonly expected: 'injected' | 'skipped' | undefined
}

/** Reads the manifests of a folder, so that what is wrong with them is told before anything is started. */
export async function readExamples(context: Context, folder: string): Promise<readonly InputObject[]> {
  const { objects } = await loadInputs(context, { filename: [folder] })
  return objects.toSorted((a, b) => rank(a.value) - rank(b.value))
}

/** Creates the objects, namespaces first, and tells the workloads. */
export async function applyExamples(client: KubeClient, objects: readonly InputObject[]): Promise<readonly Example[]> {
  const examples: Example[] = []
  for (const { value, document } of objects) {
    const applied = await client.apply(value, { fieldManager: FIELD_MANAGER })
    if (getOwn(value, 'kind') === 'Namespace') continue
    if (getOwn(value, 'kind') === 'CronJob') await runNow(client, applied)
    const word = /^\s*#\s*expect:\s*(injected|skipped)\b/m.exec(textOf(document))?.[1]
    examples.push({ object: applied, expected: word === 'injected' || word === 'skipped' ? word : undefined })
  }
  return examples
}

function rank({ kind }: JsonObject): number {
  return kind === 'Namespace' ? 0 : 1
}

/** As `kubectl create job --from` does: nobody wants to wait for the schedule. */
async function runNow(client: KubeClient, cronJob: JsonObject): Promise<void> {
  const { name = '', namespace = '' } = objectMetadata(cronJob)
  const jobName = `${name}-now`
  const template = isObject(cronJob.spec) ? cronJob.spec.jobTemplate : undefined
  if (!isObject(template)) return
  if ((await client.find({ apiVersion: 'batch/v1', kind: 'Job', name: jobName, namespace })) !== undefined) return
  const owner = {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    name,
    uid: textAt(cronJob, 'metadata', 'uid'),
    controller: true,
  }
  await client.create({
    ...template,
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      ...(isObject(template.metadata) ? template.metadata : {}),
      name: jobName,
      namespace,
      annotations: { 'cronjob.kubernetes.io/instantiate': 'manual' },
      ownerReferences: [owner],
    },
  })
}

/** The Pods of a workload, found by who owns whom. */
export function podsOf(object: JsonObject, all: readonly JsonObject[]): readonly JsonObject[] {
  const uid = textAt(object, 'metadata', 'uid')
  const owned = all.filter((one) =>
    listAt(one, 'metadata', 'ownerReferences').some((owner) => textAt(owner, 'uid') === uid),
  )
  const below = owned.flatMap((one) => podsOf(one, all))
  return object.kind === 'Pod' ? [object] : below
}
