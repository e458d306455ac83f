import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { read, startTestCluster, type TestCluster } from '../../testing/cluster.ts'
import { processRunner } from './process-runner.ts'

let cluster: TestCluster
let folder = ''
let onLine: (line: string) => void = () => {}
afterEach(async () => {
  await cluster.stop()
})

/** A cluster whose image `script` runs the container's first argument as a script. */
async function start(): Promise<void> {
  const runContainer = processRunner({
    matches: (image) => image === 'script',
    command(args, _container, { directory }) {
      folder = directory
      return { file: process.execPath, args: ['-e', ...args] }
    },
    listening(line) {
      onLine(line)
      return undefined
    },
  })
  cluster = await startTestCluster({ runContainer })
}

const pod = (script: string, restartPolicy = 'Always', terminationGracePeriodSeconds = 1) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'app' },
  spec: {
    restartPolicy,
    terminationGracePeriodSeconds,
    containers: [{ name: 'app', image: 'script', args: [script] }],
  },
})
const FOREVER = 'setInterval(() => {}, 1000)'

function until(holds: () => boolean): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = cluster.api.onChange(() => holds() && resolve())
  if (holds()) resolve()
  return promise.finally(end)
}
const status = (path: string) => read(cluster.get('v1/Pod/app'), `status.${path}`)
const token = () => readFile(join(folder, 'account', 'token'), 'utf8')

describe('the process of a container', () => {
  it('may ask the API server as the ServiceAccount of its Pod', async () => {
    await start()
    await cluster.put(pod(FOREVER))
    const asked = request(`${cluster.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, {
      method: 'POST',
      ca: cluster.ca,
      agent: false,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
    })
    asked.end(JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }))
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(read(JSON.parse(await text(answer)), 'status.userInfo.username')).toBe(
      'system:serviceaccount:default:default',
    )
  })

  it('has the variables of its container, but for those by which it would load code', async () => {
    await start()
    const printed = new Promise<string>((resolve) => {
      onLine = resolve
    })
    const wanted = pod('console.log(JSON.stringify([process.env.GREETING, process.env.NODE_OPTIONS ?? null]))')
    const env = [
      { name: 'GREETING', value: 'hello' },
      { name: 'NODE_OPTIONS', value: '--require=/tmp/code-of-somebody.cjs' },
    ]
    const containers = wanted.spec.containers.map((container) => ({ ...container, env }))
    await cluster.put({ ...wanted, spec: { ...wanted.spec, containers } })
    expect(JSON.parse(await printed)).toEqual(['hello', null])
  })

  it('gets a new token when four fifths of the life of the old one are over', async () => {
    await start()
    await cluster.put(pod(FOREVER))
    const first = await token()
    await cluster.pass(2879)
    expect(await token()).toBe(first)
    await cluster.pass(2)
    expect(await token()).not.toBe(first)
  })

  it('is started again after each end, with growing waits and the words of the kubelet', async () => {
    await start()
    await cluster.put(pod('process.exit(7)'))
    await until(() => status('containerStatuses.app.restartCount') === 1)
    expect(status('containerStatuses.app.state.terminated.exitCode')).toBe(7)
    cluster.clock.advance(250)
    await until(() => status('containerStatuses.app.restartCount') === 2)
    const waiting = status('containerStatuses.app.state.waiting')
    expect(read(waiting, 'reason')).toBe('CrashLoopBackOff')
    expect(read(waiting, 'message')).toMatch(
      /^back-off 1s restarting failed container=app pod=app_default\([-0-9a-f]{36}\)$/,
    )
    await until(() =>
      cluster
        .eventsOf('Pod')
        .some((event) =>
          event.startsWith('Warning BackOff: Back-off restarting failed container app in pod app_default('),
        ),
    )
  })

  it('ends its Pod when it is not to run forever', async () => {
    await start()
    await cluster.put(pod('process.exit(7)', 'Never'))
    await until(() => status('phase') === 'Failed')
    expect(status('conditions.Ready.reason')).toBe('PodFailed')
  })

  it('is killed when it does not stop in time', async () => {
    await start()
    const up = new Promise<string>((resolve) => {
      onLine = resolve
    })
    await cluster.put(pod(`process.on('SIGTERM', () => {}); ${FOREVER}; console.log('up')`))
    expect(await up).toBe('up')
    await cluster.api.delete({ apiVersion: 'v1', kind: 'Pod', name: 'app', namespace: 'default' })
    await cluster.quiet()
    expect(cluster.get('v1/Pod/app')).toBeUndefined()
  })

  it('does not hold up the end of the whole cluster, however long it may take to stop', async () => {
    await start()
    const up = new Promise<string>((resolve) => {
      onLine = resolve
    })
    await cluster.put(pod(`process.on('SIGTERM', () => {}); ${FOREVER}; console.log('up')`, 'Always', 3600))
    expect(await up).toBe('up')
    await cluster.api.delete({ apiVersion: 'v1', kind: 'Pod', name: 'app', namespace: 'default' })
    await until(() => cluster.eventsOf('Pod').some((event) => event.startsWith('Normal Killing')))
    await cluster.stop()
  })

  it('is known to have ended although something that it has started keeps its output open', async () => {
    await start()
    const child = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'inherit' })`
    await cluster.put(pod(`${child}; setTimeout(() => process.exit(3), 100)`, 'Never'))
    await until(() => status('phase') === 'Failed')
    expect(status('containerStatuses.app.state.terminated.exitCode')).toBe(3)
  })
})
