import type { JsonObject } from '@proa/kube'
import { isNotFound, type KubeClient, type ObjectRef } from '@proa/kube-client'
import { randomSuffix } from './folders.ts'

/** Names of one run, and everything that has to go at its end. */
export interface OwnObjects {
  name(base: string): string
  createNamespace(labels?: Readonly<Record<string, string>>): Promise<string>
  remember(ref: ObjectRef): void
  /** Everything goes, whatever fails in between; then the first failure is told. */
  removeAll(): Promise<void>
}

export function ownObjects(client: KubeClient): OwnObjects {
  const suffix = randomSuffix()
  const made: ObjectRef[] = []
  let count = 0
  return {
    name: (base) => `e2e-${suffix}-${base}`,
    async createNamespace(labels = {}) {
      count += 1
      const name = `e2e-${suffix}-${count}`
      made.push({ apiVersion: 'v1', kind: 'Namespace', name })
      await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
      await serviceAccountIn(client, name)
      return name
    },
    remember: (ref) => void made.push(ref),
    async removeAll() {
      const ended = await Promise.allSettled(made.toReversed().map((ref) => client.delete(ref)))
      const failed = ended.find(({ status }) => status === 'rejected')
      if (failed?.status === 'rejected') throw failed.reason
    },
  }
}

/** A controller makes it; where there is none, or not yet, it is made here: no Pod is admitted without. */
async function serviceAccountIn(client: KubeClient, namespace: string): Promise<void> {
  const account: JsonObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } }
  await client.apply(account, { fieldManager: 'proa-e2e' }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error
  })
}
