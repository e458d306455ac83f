/** Replicas that end, hang or are told to stop at an awkward moment. */

import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { examplePod, reviewOf } from '../../packages/webhook/testing/reviews.ts'
import type { Injector } from '../e2e/harness/cluster.ts'
import { type Mesh, openMesh, partOf, pidOf, portOf } from './support/mesh.ts'
import { TARGETS } from './support/target.ts'

const POLL = { timeout: 40_000, interval: 100 }
const INJECTED = { kind: 'injected' } as const

describe.each(TARGETS)('replicas in trouble, on $name', (kind) => {
  let mesh: Mesh
  let injectors: readonly Injector[]
  beforeAll(async () => {
    mesh = await openMesh(kind)
    injectors = await mesh.runInjectors(2)
    await vi.waitFor(async () => expect(await mesh.tryPod()).toEqual(INJECTED), POLL)
  })
  afterAll(() => mesh.close())

  it('one hangs (SIGSTOP): requests that meet it end by the timeout, and none after its endpoint is gone', async () => {
    const [first, second] = injectors
    if (first === undefined || second === undefined) throw new Error('there are not two')
    process.kill(pidOf(first), 'SIGSTOP')
    onTestFinished(() => void process.kill(pidOf(first), 'SIGKILL'))
    // The listener of the hanging process still accepts, so nothing but the timeout of the webhook ends the call.
    // Many at a time: alone, a request goes over the open connection to the other replica.
    const late = expect.objectContaining({
      kind: 'refused',
      message: expect.stringMatching(/\?timeout=\ds": context deadline exceeded$/),
    })
    if (!kind.isReal) await expect.poll(() => severalPods(40), POLL).toContainEqual(late)
    // Whether a request meets the hanging replica is the choice of a real API server: nothing else may happen to it.
    for (const outcome of await severalPods(40)) expect([INJECTED, late]).toContainEqual(outcome)
    // What the readiness probe of a kubelet leads to.
    await mesh.leave(first)
    await expect.poll(() => severalPods(6), POLL).toEqual(Array(6).fill(INJECTED))
  })

  it('the other takes over what the hanging one led', async () => {
    const [, second] = injectors
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: mesh.namespace, name: mesh.lease }
    await expect
      .poll(async () => (await mesh.client.get(lease)).spec, POLL)
      .toMatchObject({ holderIdentity: second?.name })
  })

  it('SIGTERM while a review is on its way: it is answered', async () => {
    const beside = await mesh.startBeside('beside')
    await expect.poll(() => partOf(beside, 'injection'), POLL).toMatchObject({ all: true })
    const body = JSON.stringify(reviewOf(examplePod()))
    const socket = connect({ host: '127.0.0.1', port: portOf(beside), rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    const head = `POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
    socket.write(head + body.slice(0, 100))
    process.kill(pidOf(beside), 'SIGTERM')
    await expect.poll(() => beside.log.some(({ signal }) => signal === 'SIGTERM'), POLL).toBe(true)
    const answer = answerOf(socket)
    socket.write(body.slice(100))
    expect(await answer).toMatch(/^HTTP\/1\.1 200 .*"patch":/s)
    await beside.exited
  })

  it.each([0, 50, 150, 300])('SIGTERM %i ms after it was started: it ends', async (milliseconds) => {
    const child = await mesh.spawn()
    const ended = once(child, 'exit')
    setTimeout(() => child.kill('SIGTERM'), milliseconds)
    // Before it can listen to signals, one ends it; after that it ends in order, at once for nobody has sent anything yet.
    expect([
      [null, 'SIGTERM'],
      [0, null],
    ]).toContainEqual(await ended)
  })

  const severalPods = (count: number) => Promise.all(Array.from({ length: count }, mesh.tryPod))
})

async function answerOf(socket: TLSSocket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}
