import { describe, expect, it } from 'vitest'
import { memoryCluster } from '../../testing/memory-client.ts'
import { recordingLog } from '../../testing/quiet.ts'
import { leaseLeadership } from './leadership.ts'

const ref = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'mesh', name: 'injector' }

describe('a replica that ends', () => {
  it('has given its Lease up when it says so, and the next need not wait', async () => {
    const { client } = memoryCluster()
    const ending = new AbortController()
    const lease = { namespace: 'mesh', name: 'injector', identity: 'first' }
    const leadership = leaseLeadership(client, lease, recordingLog(), ending.signal)
    await expect.poll(() => leadership.leading, { timeout: 20_000 }).toBe(true)
    ending.abort()
    await leadership.ended
    expect(await client.get(ref)).toMatchObject({ spec: { holderIdentity: '' } })
    expect(leadership.leading).toBe(false)
  })
})
