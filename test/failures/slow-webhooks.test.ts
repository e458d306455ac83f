/** Time that webhooks take adds up; what is left of a request's time counts for those that come later. */
import { ConnectionError } from '@proa/kube-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  type Authority,
  authority,
  serverCertificate,
} from '../../packages/local-cluster/testing/admission/certificates.ts'
import {
  jsonPatch,
  type TestServer,
  type WebhookCall,
  webhookServer,
} from '../../packages/local-cluster/testing/admission/webhook-server.ts'
import { HOOK_NAME, type Hook, hookIn, outcomeOf, SERVICE, samplePod } from './support/hook.ts'
import { machineAddress, RUN, TARGETS, type Target } from './support/target.ts'

const host = machineAddress()
const namespace = `slow-${RUN}`
const STATUS = jsonPatch({ op: 'add', path: '/metadata/annotations', value: { 'sidecar.istio.io/status': '{}' } })

describe.each(TARGETS)('slow webhooks, on $name', ({ open }) => {
  let ca: Authority
  let target: Target
  let server: TestServer
  let hook: Hook
  let onCall: (call: WebhookCall) => void = ({ answer }) => answer(STATUS)
  /** Paths of the calls of the newest request. */
  let called: string[] = []
  beforeAll(async () => {
    ca = await authority('proa test authority')
    const certificate = await serverCertificate(ca, { commonName: 'hook', dns: [`${SERVICE}.${namespace}.svc`] })
    server = await webhookServer(certificate, (call) => {
      called.push(String(call.request.url))
      onCall(call)
    })
    target = await open()
    hook = hookIn(target.client, namespace, host)
    await hook.create({ caBundle: Buffer.from(ca.pem).toString('base64'), port: server.port })
    await hook.until(({ kind }) => kind === 'injected')
  })
  beforeEach(() => {
    called = []
  })
  afterAll(async () => {
    await hook.remove()
    await target.close()
    await server.close()
  })

  it('just within the time: the Pod waits, and is injected', async () => {
    onCall = ({ answer }) => void setTimeout(() => answer(STATUS), 900)
    await hook.change({ timeoutSeconds: 3 })
    await hook.until(({ kind }) => kind === 'injected' && called.at(-1)?.endsWith('timeout=3s') === true)
  })

  it('several that hang and are ignored: the Pod comes through, after the sum of their times', async () => {
    onCall = () => undefined
    await severalHooks(3)
    // An API server hears of the new webhooks a little later: until then it calls the old one.
    const wanted = [0, 1, 2].map((index) => `/hook-${index}?timeout=1s`)
    await hook.until(({ kind }) => kind === 'untouched' && called.slice(-3).join() === wanted.join())
  })

  it('more of them than the request has time for: it is refused although all of them are ignored', async () => {
    called = []
    const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All&timeout=2s`
    const outcome = outcomeOf(target.client.request('POST', path, samplePod(namespace)))
    // Of a real API server several parts look at the time: two say so, each in its own words, one closes the connection.
    const answer = await outcome.catch((error: unknown) => error)
    const words = 'request did not complete within'
    const ways = ['the allotted timeout', 'requested timeout - context deadline exceeded'].map((rest) => ({
      kind: 'refused',
      code: 504,
      reason: 'Timeout',
      message: `Timeout: ${words} ${rest}`,
    }))
    if (!(answer instanceof ConnectionError)) expect(ways).toContainEqual(answer)
    expect(new Set(called).has('/hook-2?timeout=1s')).toBe(false)
  })

  /** Ignored webhooks of one second each. */
  async function severalHooks(count: number): Promise<void> {
    const clientConfig = (index: number) => ({
      service: { name: SERVICE, namespace, path: `/hook-${index}`, port: 443 },
      caBundle: Buffer.from(ca.pem).toString('base64'),
    })
    await hook.replace(
      Array.from({ length: count }, (_, index) => ({
        name: `${index}.${HOOK_NAME}`,
        failurePolicy: 'Ignore',
        timeoutSeconds: 1,
        clientConfig: clientConfig(index),
      })),
    )
  }
})
