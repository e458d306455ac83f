/** The API server stands behind a proxy, and NO_PROXY does not name `.svc`: it asks the proxy for addresses that only the cluster knows. */
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Authority, authority } from '../../packages/local-cluster/testing/admission/certificates.ts'
import { HOOK_NAME, type Hook, hookIn, type Outcome, SERVICE } from './support/hook.ts'
import { type Injector, startInjector } from './support/injector.ts'
import { machineAddress, RUN, TARGETS, type Target } from './support/target.ts'

type Mode = 'refuses' | 'hangs' | 'closes' | 'forwards'

const host = machineAddress()
const namespace = `proxied-${RUN}`
const says = (rest: string, timeout = 10) =>
  `Internal error occurred: failed calling webhook "${HOOK_NAME}": failed to call webhook: ` +
  `Post "https://${SERVICE}.${namespace}.svc:443/inject?timeout=${timeout}s": ${rest}`

describe.each(TARGETS.filter(({ isShared }) => !isShared))('an API server behind a proxy, on $name', ({ open }) => {
  let ca: Authority
  let injector: Injector
  let proxy: Awaited<ReturnType<typeof startProxy>>
  let target: Target
  let hook: Hook
  beforeAll(async () => {
    ca = await authority('proa test authority')
    injector = await startInjector(ca, [`${SERVICE}.${namespace}.svc`])
    proxy = await startProxy(injector.port)
    target = await open({ proxy: { httpsProxy: `http://127.0.0.1:${proxy.port}`, noProxy: `localhost,${host}` } })
    hook = hookIn(target.client, namespace, host)
    await hook.create({ caBundle: Buffer.from(ca.pem).toString('base64'), port: injector.port })
  })
  afterAll(async () => {
    await target.close()
    await proxy.stop()
    await injector.kill()
  })
  const refusedWith = (words: string) => (outcome: Outcome) => outcome.kind === 'refused' && outcome.message === words

  it.each([
    ['refuses', says('Bad Gateway'), 10],
    ['closes', says('unexpected EOF'), 10],
    ['hangs', says('context deadline exceeded', 1), 1],
  ] as const)('which %s: %s', async (mode, words, timeoutSeconds) => {
    proxy.mode = mode
    await hook.change({ timeoutSeconds, failurePolicy: 'Fail' })
    await hook.until(refusedWith(words))
    await hook.change({ failurePolicy: 'Ignore' })
    await hook.until(({ kind }) => kind === 'untouched')
  })

  it('which forwards: the injector is reached through it', async () => {
    proxy.mode = 'forwards'
    await hook.change({ timeoutSeconds: 10, failurePolicy: 'Fail' })
    await hook.until(({ kind }) => kind === 'injected')
  })

  it('which is gone', async () => {
    await proxy.stop()
    await hook.until(
      refusedWith(says(`proxyconnect tcp: dial tcp 127.0.0.1:${proxy.port}: connect: connection refused`)),
    )
  })
})

describe('NO_PROXY=.svc', () => {
  it.each(TARGETS.filter(({ isShared }) => !isShared))('leads past the proxy, on $name', async ({ open }) => {
    const ca = await authority('proa test authority')
    const injector = await startInjector(ca, [`${SERVICE}.${namespace}.svc`])
    const target = await open({ proxy: { httpsProxy: 'http://127.0.0.1:9', noProxy: '.svc' } })
    try {
      const hook = hookIn(target.client, namespace, host)
      await hook.create({ caBundle: Buffer.from(ca.pem).toString('base64'), port: injector.port })
      await hook.until(({ kind }) => kind === 'injected')
    } finally {
      await target.close()
      await injector.kill()
    }
  })
})

/** A proxy for CONNECT as the test wants it; what it forwards goes to that port of this machine. */
async function startProxy(to: number) {
  const open = new Set<Socket>()
  const state: { mode: Mode } = { mode: 'refuses' }
  const server: Server = createServer()
  server.on('connection', (socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('connect', (_request, socket) => {
    if (state.mode === 'refuses') socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    if (state.mode === 'closes') socket.destroy()
    if (state.mode !== 'forwards') return
    const onward = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    set mode(mode: Mode) {
      state.mode = mode
    },
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
