import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { deployment, nameOf, read, startTestCluster } from '../../testing/cluster.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cluster-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

it('goes on where it was when the cluster is started again from its file', async () => {
  const data = join(folder, 'state.json')
  const first = await startTestCluster({ data })
  await first.put(deployment('web'))
  const before = first.pods().map(nameOf).sort()
  const going = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'going' } }
  await first.put(going)
  const held = { name: 'held', namespace: 'going', finalizers: ['example.com/hold'] }
  await first.api.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: held })
  await first.api.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'going', namespace: '' })
  await first.quiet()
  await first.stop()

  const second = await startTestCluster({ data })
  try {
    expect(second.pods().map(nameOf).sort()).toEqual(before)
    const addresses = second.pods().map((pod) => read(pod, 'status.podIP'))
    expect(new Set(addresses).size).toBe(3)
    await second.change('apps/v1/Deployment/web', (object) => ({
      ...object,
      spec: { ...(object.spec as object), replicas: 5 },
    }))
    const now = second.pods().map((pod) => String(read(pod, 'status.podIP')))
    expect(new Set(now).size).toBe(5)
    expect(second.pods().every((pod) => read(pod, 'status.phase') === 'Running')).toBe(true)
    const object = second.api.find({ apiVersion: 'v1', kind: 'ConfigMap', name: 'held', namespace: 'going' })
    await second.api.update({ ...object, metadata: { ...(object?.metadata as object), finalizers: [] } })
    await second.quiet()
    expect(second.api.find({ apiVersion: 'v1', kind: 'Namespace', name: 'going', namespace: '' })).toBeUndefined()
  } finally {
    await second.stop()
  }
})
