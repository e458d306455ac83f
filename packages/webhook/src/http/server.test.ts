/** The server over real TLS sockets, with clients that behave and clients that do not. */
import { once } from 'node:events'
import { Agent } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { examplePod, responseIn, reviewOf } from '../../testing/reviews.ts'
import { ask, askReview, countersOf, runningWebhook, type TestWebhook } from '../../testing/running.ts'
import { LARGEST_BODY } from '../review/precheck.ts'

const REVIEW = JSON.stringify(reviewOf(examplePod()))
const HEADERS = 'Host: x\r\nContent-Type: application/json\r\n'
const post = (body: string, more = ''): string =>
  `POST /inject HTTP/1.1\r\n${HEADERS}${more}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`

/** A connection on which anything can be sent. */
async function rawConnection({ address }: TestWebhook): Promise<TLSSocket> {
  const socket = connect({ host: address.address, port: address.port, rejectUnauthorized: false })
  onTestFinished(() => void socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** Everything until the server closes. */
async function untilClosed(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('error', () => {})
  // `once` would reject where the server resets the connection.
  await new Promise((resolve) => socket.on('close', resolve))
  return Buffer.concat(chunks).toString()
}

/** Reads until so many answers have come. */
async function answersOn(socket: TLSSocket, count: number): Promise<string> {
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (text.split('HTTP/1.1 ').length > count && text.endsWith('}')) return text
  }
  return text
}

const works = async (webhook: TestWebhook): Promise<void> => {
  const { status, text } = await askReview(webhook, reviewOf(examplePod()))
  expect(status).toBe(200)
  expect(responseIn(text).patch).toBeDefined()
}

describe('the routes', () => {
  it('are /inject with everything below it, health and metrics; anything else is not found', async () => {
    const webhook = await runningWebhook()
    const statusOf = async (method: string, path: string) => (await ask(webhook, { method, path })).status
    expect(await statusOf('GET', '/healthz')).toBe(200)
    expect(await statusOf('HEAD', '/healthz')).toBe(200)
    expect(await statusOf('GET', '/metrics')).toBe(200)
    expect(await statusOf('GET', '/')).toBe(404)
    expect(await statusOf('POST', '/injection')).toBe(404)
    expect(await statusOf('POST', '/metrics')).toBe(405)
    for (const path of ['/inject', '/inject/', '/inject?timeout=5s', '/inject/cluster/a%2Fb', '/%69nject']) {
      expect((await askReview(webhook, reviewOf(examplePod()), { path })).status, path).toBe(200)
    }
    expect((await askReview(webhook, reviewOf(examplePod()), { path: '/inject/%ff' })).status).toBe(400)
    expect(await countersOf(webhook)).toMatchObject({
      sidecar_injection_success_total: 5,
      'sidecar_injection_failure_total/InvalidPath': 1,
      sidecar_injection_requests_total: 6,
    })
  })

  it('other than /inject are there over plain HTTP too, where that is asked for', async () => {
    const webhook = await runningWebhook({ statusAddress: { host: '127.0.0.1', port: 0 } })
    const get = (path: string) => fetch(`${webhook.statusUrl}${path}`)
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    expect(await (await get('/metrics')).text()).toContain('sidecar_injection_requests_total')
    expect((await get('/inject')).status).toBe(404)
  })
})

describe('bodies', () => {
  it('up to the limit are read, beyond it refused with what the limit is', async () => {
    const webhook = await runningWebhook()
    const padded = (size: number): string => REVIEW + ' '.repeat(size - REVIEW.length)
    expect(responseIn((await ask(webhook, { body: padded(LARGEST_BODY) })).text).patch).toBeDefined()
    const refused = await ask(webhook, { body: padded(LARGEST_BODY + 1) })
    expect(refused).toMatchObject({ status: 400, text: `Request entity too large: limit is ${LARGEST_BODY}\n` })
    await works(webhook)
  })

  it('that never end are cut off', async () => {
    const webhook = await runningWebhook()
    const socket = await rawConnection(webhook)
    const closed = untilClosed(socket)
    socket.write(`POST /inject HTTP/1.1\r\n${HEADERS}Transfer-Encoding: chunked\r\n\r\n`)
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`
    const pump = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    }
    socket.on('drain', pump)
    pump()
    await closed
    // Whether the answer still reaches a client that does not stop sending is not in our hands.
    expect(await countersOf(webhook)).toMatchObject({ 'sidecar_injection_failure_total/BodyTooLarge': 1 })
    await works(webhook)
  })

  it('in chunks of any size are put together', async () => {
    const webhook = await runningWebhook()
    const socket = await rawConnection(webhook)
    const chunks = REVIEW.match(/[\s\S]{1,7}/g) ?? []
    socket.write(`POST /inject HTTP/1.1\r\n${HEADERS}Transfer-Encoding: chunked\r\n\r\n`)
    for (const chunk of chunks) socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
    socket.write('0\r\n\r\n')
    expect(await answersOn(socket, 1)).toContain('"patch":"')
  })

  it('that are compressed are refused in words', async () => {
    const webhook = await runningWebhook()
    const answer = await ask(webhook, { body: gzipSync(REVIEW), headers: { 'Content-Encoding': 'gzip' } })
    expect(responseIn(answer.text).status?.message).toBe('the body has Content-Encoding "gzip"; send it as it is')
  })

  it('are asked for when the client waits for that, but not when they are too large', async () => {
    const webhook = await runningWebhook()
    const socket = await rawConnection(webhook)
    socket.write(`POST /inject HTTP/1.1\r\n${HEADERS}Expect: 100-continue\r\nContent-Length: ${REVIEW.length}\r\n\r\n`)
    const [first] = await once(socket, 'data')
    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    socket.write(REVIEW)
    expect(await answersOn(socket, 1)).toContain('"patch":"')

    const other = await rawConnection(webhook)
    other.write(
      `POST /inject HTTP/1.1\r\n${HEADERS}Expect: 100-continue\r\nContent-Length: ${LARGEST_BODY + 1}\r\n\r\n`,
    )
    const answer = await untilClosed(other)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('Request entity too large')
  })
})

describe('connections', () => {
  it('serve many requests, also when they are sent before the answers have come', async () => {
    const webhook = await runningWebhook()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    for (let i = 0; i < 5; i++) expect((await ask(webhook, { body: REVIEW, agent })).status).toBe(200)
    const socket = await rawConnection(webhook)
    socket.write(post(REVIEW).repeat(5))
    const text = await answersOn(socket, 5)
    expect(text.match(/"uid":"705ab4f5/g)).toHaveLength(5)
    expect(await countersOf(webhook)).toMatchObject({ sidecar_injection_success_total: 10 })
  })

  it('that break off are counted as failed, and nothing else happens', async () => {
    const webhook = await runningWebhook()
    const socket = await rawConnection(webhook)
    socket.write(post(REVIEW).slice(0, -10))
    // The server has begun with the request when it says so.
    while (webhook.metrics.inFlight === 0) await new Promise((resolve) => setImmediate(resolve))
    socket.destroy()
    while (webhook.metrics.inFlight > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(await countersOf(webhook)).toMatchObject({ 'sidecar_injection_failure_total/ClientGone': 1 })
    await works(webhook)
  })

  it('that speak something else are closed', async () => {
    const webhook = await runningWebhook()
    for (const text of [
      '\x00\x01\x02',
      'GET / HTTP/9.9\r\n\r\n',
      'x'.repeat(100_000),
      'POST /inject HTTP/1.1\r\n\r\n',
    ]) {
      const socket = await rawConnection(webhook)
      socket.write(text)
      expect(await untilClosed(socket), JSON.stringify(text.slice(0, 20))).toMatch(/^(?:HTTP\/1\.1 4\d\d |$)/)
    }
    await works(webhook)
  })
})

describe('whatever is sent', () => {
  const bodies = fc.oneof(
    { weight: 3, arbitrary: fc.constant(REVIEW) },
    fc.nat(REVIEW.length).map((length) => REVIEW.slice(0, length)),
    fc
      .tuple(fc.nat(REVIEW.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, text]) => `${REVIEW.slice(0, at)}${text}${REVIEW.slice(at + 1)}`),
    fc.json().map((text) => JSON.stringify(reviewOf(JSON.parse(text)))),
    fc.json(),
    fc.constantFrom('', ' ', '{}', '[]', 'null'),
  )
  const requests = fc.record({
    body: bodies,
    method: fc.constantFrom('POST', 'POST', 'PUT', 'GET', 'DELETE'),
    path: fc.constantFrom('/inject', '/inject/cluster/a', '/inject/%ff', '/other'),
    type: fc.constantFrom('application/json', 'application/json', 'text/plain'),
  })

  it('each request to /inject is counted exactly once, and the server serves on', async () => {
    const webhook = await runningWebhook()
    const agent = new Agent({ keepAlive: true, maxSockets: 4 })
    onTestFinished(() => agent.destroy())
    let sent = 0
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { maxLength: 8 }), async (asked) => {
        const answers = await Promise.all(
          asked.map(({ body, method, path, type }) =>
            ask(webhook, { body, method, path, agent, headers: { 'Content-Type': type } }),
          ),
        )
        sent += asked.filter(({ path }) => path.startsWith('/inject')).length
        for (const { status } of answers) expect([200, 400, 404, 415]).toContain(status)
        const counters = await countersOf(webhook)
        const { sidecar_injection_requests_total: total = 0 } = counters
        expect(total).toBe(sent)
        expect(
          (counters.sidecar_injection_success_total ?? 0) +
            (counters.sidecar_injection_skip_total ?? 0) +
            (counters.sidecar_injection_failure_total ?? 0),
        ).toBe(sent)
        expect(webhook.metrics.inFlight).toBe(0)
      }),
      { numRuns: 60 },
    )
    await works(webhook)
  })

  it('garbage on the wire ends that connection and no other', async () => {
    const webhook = await runningWebhook()
    const whole = Buffer.from(post(REVIEW, 'Connection: close\r\n'))
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(whole)
        for (const [at, byte] of changes) bytes[at] = byte
        const socket = await rawConnection(webhook)
        const closed = untilClosed(socket)
        socket.end(bytes)
        await closed
      }),
      { numRuns: 60 },
    )
    await works(webhook)
  })
})

describe('the log', () => {
  it('has one line for each decision, with why, and nothing of the Pod but its name', async () => {
    const webhook = await runningWebhook()
    const secret = examplePod('web', { annotations: { password: 'hunter2' } })
    await askReview(webhook, reviewOf(secret))
    await askReview(webhook, reviewOf(secret, { operation: 'UPDATE' }))
    await ask(webhook, { body: '{"token": hunter2}' })
    const lines = webhook.log.filter(({ outcome }) => outcome !== undefined)
    expect(lines).toMatchObject([
      {
        level: 'info',
        outcome: 'injected',
        reason: 'PolicyEnabled',
        namespace: 'shop',
        pod: 'web-7d9c6b8f5-',
        uid: expect.any(String),
        ms: expect.any(Number),
      },
      { level: 'debug', outcome: 'skipped', reason: 'NotCreate' },
      { level: 'warn', outcome: 'failed', reason: 'NotAdmissionReview', message: expect.any(String) },
    ])
    expect(JSON.stringify(webhook.log)).not.toContain('hunter2')
  })

  it('tells refusals to whoever writes Events, but not those of dry runs', async () => {
    const told: string[] = []
    const webhook = await runningWebhook({ onRefusal: ({ reason, pod }) => told.push(`${reason} ${pod}`) })
    const wrong = examplePod('web', { annotations: { 'sidecar.istio.io/interceptionMode': 'x' } })
    await askReview(webhook, reviewOf(wrong))
    await askReview(webhook, reviewOf(wrong, { dryRun: true }))
    await askReview(webhook, reviewOf(examplePod()))
    expect(told).toEqual(['InvalidAnnotation web-7d9c6b8f5-'])
  })
})
