/** Who reaches the port can send what he likes: the server answers each, serves on, and does not grow. */
import { Agent } from 'node:https'
import { expect, it, onTestFinished } from 'vitest'
import { configuration, mesh, values } from '../../packages/cli/testing/configuration.ts'
import { workspace } from '../../packages/cli/testing/workspace.ts'
import { ask, type TestRequest } from '../../packages/webhook/testing/ask.ts'
import { testCertificate } from '../../packages/webhook/testing/certificate.ts'
import { examplePod, responseIn, reviewOf } from '../../packages/webhook/testing/reviews.ts'
import { startInjector } from '../e2e/harness/injector-process.ts'

const REQUESTS = 20_000
const AT_A_TIME = 16
/** Bytes that the heap may be fuller at the end than after the first quarter: what V8 has not collected yet, and no more. */
const SLACK = 48 * 1024 * 1024

const review = (object: unknown) =>
  JSON.stringify({ ...reviewOf({}), request: { ...(reviewOf({}).request as object), object } })

/** The nth request; none of them is like another. */
function garbage(n: number): TestRequest {
  const kinds: readonly (() => TestRequest)[] = [
    () => ({ body: `no JSON ${n}` }),
    () => ({ body: review(examplePod(`cut-${n}`)).slice(0, 40 + (n % 300)) }),
    () => ({ body: JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', n }) }),
    () => ({ body: `{"a":${'['.repeat(200 + (n % 5000))}` }),
    () => ({ body: review({ metadata: { annotations: { [`key-${n}`]: n }, labels: n }, spec: n }) }),
    () => ({
      body: review({
        ...examplePod(`bad-${n}`),
        spec: { containers: [{ name: `c-${n}`, ports: [{ containerPort: 'x' }] }] },
      }),
    }),
    () => ({
      body: review(examplePod(`web-${n}`, { annotations: { 'proxy.istio.io/config': `{${n}`, [`a-${n}`]: '{{' } })),
    }),
    () => ({ body: review(examplePod('web')), headers: { 'Content-Type': `text/${n}` } }),
    () => ({ path: `/inject/%zz/${n}`, body: '{}' }),
    () => ({ path: `/inject/key-${n}/value-${n}`, body: review(examplePod(`env-${n}`)) }),
    () => ({ method: 'DELETE', path: `/nothing/${n}` }),
    () => ({ body: Buffer.from([n & 255, 0xff, 0xfe, n >> 8]) }),
  ]
  return (kinds[n % kinds.length] ?? (() => ({})))()
}

it(`${REQUESTS} requests of garbage`, async () => {
  const { certificate, privateKey } = testCertificate()
  const { folder } = workspace({ config: configuration, values, mesh, 'cert.pem': certificate, 'key.pem': privateKey })
  const files = [
    '--config-directory',
    folder,
    '--tls-cert-file',
    `${folder}/cert.pem`,
    '--tls-private-key-file',
    `${folder}/key.pem`,
  ]
  const args = ['webhook', ...files, '--https-address=:0', '--metrics-address=:0']
  const injector = await startInjector({ args, env: {}, address: '127.0.0.1' })
  onTestFinished(() => void process.kill(injector.pid, 'SIGKILL'))
  const url = `https://127.0.0.1:${injector.port}`
  const agent = new Agent({ keepAlive: true, maxSockets: AT_A_TIME })
  onTestFinished(() => agent.destroy())
  let sent = 0
  let answered = 0
  const send = async (until: number): Promise<void> => {
    while (sent < until) {
      sent += 1
      const { status } = await ask({ url }, { ...garbage(sent), agent })
      if (status >= 200 && status < 500) answered += 1
    }
  }
  const all = (until: number) => Promise.all(Array.from({ length: AT_A_TIME }, () => send(until)))
  await all(REQUESTS / 4)
  const early = await heapOf(injector.statusUrl)
  await all(REQUESTS)
  expect(answered).toBe(REQUESTS)
  expect((await heapOf(injector.statusUrl)) - early).toBeLessThan(SLACK)
  const { text } = await ask({ url }, { body: JSON.stringify(reviewOf(examplePod())) })
  expect(responseIn(text)).toMatchObject({ allowed: true, patchType: 'JSONPatch' })
})

async function heapOf(statusUrl: string): Promise<number> {
  const text = await (await fetch(`${statusUrl}/metrics`)).text()
  return Number(/^\S*nodejs_heap_size_used_bytes(?:\{\})? (\S+)$/m.exec(text)?.[1])
}
