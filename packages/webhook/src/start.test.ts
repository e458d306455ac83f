/** The life of a server: getting ready, changes of configuration and certificate, stopping. */
import { spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:https'
import { createServer } from 'node:net'
import { connect } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { selfSigned } from '../testing/certificate.ts'
import { examplePod, patchIn, responseIn, reviewOf } from '../testing/reviews.ts'
import { ask, askReview, countersOf, runningWebhook, type TestWebhook } from '../testing/running.ts'
import { configurationsOf } from '../testing/sources.ts'

const REVIEW = JSON.stringify(reviewOf(examplePod()))

/** A configuration whose sidecar has this image. */
const withImage = (image: string) => {
  const config = `policy: enabled\ntemplates:\n  sidecar: |\n    spec:\n      containers:\n      - {name: istio-proxy, image: ${image}}\n`
  return { config: { text: config, source: 'config' }, values: { text: '{}', source: 'values' } }
}

async function imageOf(webhook: TestWebhook): Promise<string | undefined> {
  const answer = await ask(webhook, { body: REVIEW })
  return /"image":"([^"]+)"/.exec(JSON.stringify(patchIn(responseIn(answer.text))))?.[1]
}

async function readyz(webhook: TestWebhook) {
  const { status, text } = await ask(webhook, { method: 'GET', path: '/readyz' })
  return { status, report: JSON.parse(text) }
}

async function servedCertificate({ address }: TestWebhook): Promise<string> {
  const socket = connect({ host: address.address, port: address.port, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const served = socket.getPeerX509Certificate()?.fingerprint256 ?? ''
  socket.destroy()
  return served
}

describe('readiness', () => {
  it('is proven by an injection through the listener, and says what it stands on', async () => {
    const webhook = await runningWebhook()
    expect(await readyz(webhook)).toMatchObject({
      status: 200,
      report: {
        ready: true,
        parts: {
          server: { ready: true, state: 'serving' },
          configuration: { ready: true, generation: 1 },
          certificate: { ready: true, notAfter: expect.any(String) },
          injection: { ready: true },
        },
      },
    })
    // Its own questions are no requests.
    expect(await countersOf(webhook)).toEqual({})
  })

  it('is not there while the configuration injects nothing', async () => {
    const broken = withImage('"{{ fail "no image" }}"')
    const webhook = await runningWebhook({ configurations: configurationsOf(broken) })
    const { status, report } = await readyz(webhook)
    expect(status).toBe(503)
    expect(report.parts.injection.problem).toContain('failed/TemplateFailed')
    webhook.configurations.change(withImage('good'))
    expect((await readyz(webhook)).status).toBe(200)
  })

  it('stays while a newer configuration is refused, and tells why it is', async () => {
    const webhook = await runningWebhook({ configurations: configurationsOf(withImage('first')) })
    webhook.configurations.fail('config, line 3: not YAML')
    const { status, report } = await readyz(webhook)
    expect(status).toBe(200)
    expect(report.parts.configuration).toMatchObject({
      ready: true,
      generation: 1,
      problem: 'config, line 3: not YAML',
    })
    expect(await imageOf(webhook)).toBe('first')
    expect(await webhook.metrics.text()).toContain('proa_webhook_configuration_rejected_total 1')
  })

  it('is not there when the roots do not fit what is served', async () => {
    const webhook = await runningWebhook()
    expect((await readyz(webhook)).status).toBe(200)
    const { current } = webhook.certificates
    if (current === undefined) throw new Error('no certificate')
    webhook.certificates.set({ ...current, caBundle: selfSigned('another').certificate })
    const { status, report } = await readyz(webhook)
    expect(status).toBe(503)
    expect(report.parts.injection.problem).toContain('self-signed certificate')
  })

  it('is not there when the certificate has ended', async () => {
    const webhook = await runningWebhook()
    const { current } = webhook.certificates
    if (current === undefined) throw new Error('no certificate')
    webhook.certificates.set({ ...current, notAfter: new Date(Date.now() - 1000) })
    const { status, report } = await readyz(webhook)
    expect(status).toBe(503)
    expect(report.parts.certificate.problem).toContain('it ended')
  })

  it('cannot be claimed by others who send the header', async () => {
    const webhook = await runningWebhook()
    await ask(webhook, { body: REVIEW, headers: { 'x-proa-self-check': `${'x'.repeat(32)}/0` } })
    expect(await countersOf(webhook)).toMatchObject({ sidecar_injection_requests_total: 1 })
  })
})

describe('changes while it serves', () => {
  it('of the configuration are in force with the next request', async () => {
    const webhook = await runningWebhook({ configurations: configurationsOf(withImage('first')) })
    expect(await imageOf(webhook)).toBe('first')
    webhook.configurations.change(withImage('second'))
    expect(await imageOf(webhook)).toBe('second')
    expect(await webhook.metrics.text()).toContain('proa_webhook_configuration_generation 2')
  })

  it('of the certificate are in force with the next connection; those that are open go on', async () => {
    const webhook = await runningWebhook()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    await ask(webhook, { body: REVIEW, agent })
    const before = await servedCertificate(webhook)
    const next = selfSigned()
    webhook.certificates.set(next)
    expect(await servedCertificate(webhook)).toBe(new X509Certificate(next.certificate).fingerprint256)
    expect(await servedCertificate(webhook)).not.toBe(before)
    expect((await ask(webhook, { body: REVIEW, agent })).status).toBe(200)
    expect((await readyz(webhook)).status).toBe(200)
  })

  it('of the certificate that TLS cannot use are refused, and the old one stays', async () => {
    const webhook = await runningWebhook()
    const before = await servedCertificate(webhook)
    webhook.certificates.set({ ...selfSigned(), privateKey: selfSigned().privateKey })
    expect(await servedCertificate(webhook)).toBe(before)
    expect((await readyz(webhook)).report.parts.injection.problem).toContain('self-signed certificate')
    expect(webhook.log.some(({ msg }) => msg === 'the certificate cannot be served')).toBe(true)
  })

  it('of the certificate under load fail no request', async () => {
    const webhook = await runningWebhook()
    const pairs = [selfSigned(), selfSigned()]
    let isDone = false
    const load = Array.from({ length: 4 }, async () => {
      let count = 0
      for (; !isDone; count++) expect((await ask(webhook, { body: REVIEW })).status).toBe(200)
      return count
    })
    for (let i = 0; i < 40; i++) {
      const next = pairs[i % 2]
      if (next !== undefined) webhook.certificates.set({ ...next })
      await servedCertificate(webhook)
    }
    isDone = true
    expect(Math.min(...(await Promise.all(load)))).toBeGreaterThan(0)
  })
})

describe('a client that does not accept our certificate', () => {
  it('is counted as such, and told once', async () => {
    const webhook = await runningWebhook()
    const { port } = webhook.address
    // Node.js says nothing to the server; the API server and openssl send an alert.
    const args = [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-verify_return_error',
      '-no-CAfile',
      '-no-CApath',
      '-no-CAstore',
    ]
    for (let i = 0; i < 2; i++) await once(spawn('openssl', args, { stdio: 'ignore' }), 'exit')
    await expect
      .poll(() => webhook.metrics.text(), { timeout: 20_000 })
      .toMatch(/^proa_webhook_http_refused_total\{reason="untrusted"\} 2$/m)
    expect(webhook.log.filter(({ msg }) => /does not accept our certificate/.test(String(msg)))).toHaveLength(1)
  })
})

describe('stopping', () => {
  it('is told by readiness at once, serves on for the delay, and asks clients to connect elsewhere', async () => {
    const webhook = await runningWebhook({ drainDelay: 60_000 })
    expect((await readyz(webhook)).status).toBe(200)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const before = await ask(webhook, { body: REVIEW, agent })
    expect(before.headers.connection).toBe('keep-alive')
    const stopped = webhook.stop()
    const { status, report } = await readyz(webhook)
    expect({ status, state: report.parts.server.state }).toEqual({ status: 503, state: 'draining' })
    const during = await ask(webhook, { body: REVIEW, agent })
    expect(during).toMatchObject({ status: 200, headers: { connection: 'close' } })
    expect((await ask(webhook, { method: 'GET', path: '/healthz' })).status).toBe(200)
    // A second call does not wait for the rest of the delay.
    await webhook.kill()
    await stopped
    await expect(ask(webhook, { body: REVIEW })).rejects.toThrow('ECONNREFUSED')
  })

  it('finishes what is in flight', async () => {
    const webhook = await runningWebhook({ drainDelay: 0 })
    const socket = connect({ host: '127.0.0.1', port: webhook.address.port, rejectUnauthorized: false })
    onTestFinished(() => void socket.destroy())
    await once(socket, 'secureConnect')
    const head = `POST /inject HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${REVIEW.length}\r\n\r\n`
    socket.write(head + REVIEW.slice(0, 50))
    while (webhook.metrics.inFlight === 0) await new Promise((resolve) => setImmediate(resolve))
    const stopped = webhook.stop()
    socket.write(REVIEW.slice(50))
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toContain('"patch":"')
    expect(text).toContain('Connection: close')
    await stopped
  })

  it('gives up what does not end within the limit', async () => {
    const webhook = await runningWebhook({ drainDelay: 0, drainLimit: 1 })
    const socket = connect({ host: '127.0.0.1', port: webhook.address.port, rejectUnauthorized: false })
    await once(socket, 'secureConnect')
    socket.on('error', () => {})
    socket.write('POST /inject HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n')
    await webhook.stop()
    await new Promise((resolve) => (socket.destroyed ? resolve(undefined) : socket.on('close', resolve)))
  })

  it('is clean when the address is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as { readonly port: number }
    await expect(runningWebhook({ httpsAddress: { host: '127.0.0.1', port } })).rejects.toThrow('EADDRINUSE')
    await expect(runningWebhook({ statusAddress: { host: '127.0.0.1', port } })).rejects.toThrow('EADDRINUSE')
  })
})

describe('a server without a configuration', () => {
  it('is not ready and answers so that the failurePolicy decides', async () => {
    const configurations = configurationsOf()
    const empty = { ...configurations, current: undefined, problem: 'ConfigMap x does not exist' }
    const webhook = await runningWebhook({ configurations: empty })
    expect((await readyz(webhook)).report.parts.configuration).toEqual({
      ready: false,
      problem: 'ConfigMap x does not exist',
    })
    expect(await askReview(webhook, reviewOf(examplePod()))).toMatchObject({ status: 503 })
    expect(await countersOf(webhook)).toMatchObject({ 'sidecar_injection_failure_total/NoConfiguration': 1 })
  })
})
