/** `proa webhook` as it is shipped: the bundle in a process of its own, with files only. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ask } from '../../../webhook/testing/ask.ts'
import { testCertificate } from '../../../webhook/testing/certificate.ts'
import { examplePod, responseIn, reviewOf } from '../../../webhook/testing/reviews.ts'
import { configuration, mesh, values } from '../../testing/configuration.ts'
import { workspace } from '../../testing/workspace.ts'

const launcher = join(import.meta.dirname, '../../bin/proa.js')

type LogLine = Readonly<Record<string, unknown>>

/** The files that it needs, and the flags that name them. */
function files() {
  const { certificate, privateKey } = testCertificate()
  const { folder } = workspace({
    'cert.pem': certificate,
    'key.pem': privateKey,
    'config/config': configuration,
    'config/values': values,
    'config/mesh': mesh,
  })
  const at = (name: string): string => join(folder, name)
  const flags = [
    '--tls-cert-file',
    at('cert.pem'),
    '--tls-private-key-file',
    at('key.pem'),
    '--tls-ca-file',
    at('cert.pem'),
  ]
  return { at, flags: [...flags, '--config-directory', at('config'), '--https-address', '127.0.0.1:0'] }
}

/** Starts the command and waits until it listens. */
async function started(args: readonly string[]) {
  const { KUBERNETES_SERVICE_HOST: _, ...env } = process.env
  const child = spawn(process.execPath, [launcher, 'webhook', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const log: LogLine[] = []
  const heard = createInterface(child.stdout)
  const exited = once(child, 'exit')
  const listening = new Promise<LogLine>((resolve) => {
    heard.on('line', (line) => {
      const parsed = JSON.parse(line) as LogLine
      log.push(parsed)
      if (parsed.msg === 'listening') resolve(parsed)
    })
  })
  const { https } = await listening
  return { child, log, url: String(https), exitCode: async () => (await exited)[0] as number | null }
}

const isReady = async (url: string) => (await ask({ url }, { method: 'GET', path: '/readyz' })).status

async function injectedText(url: string): Promise<string> {
  const { text } = await ask({ url }, { body: JSON.stringify(reviewOf(examplePod())) })
  return Buffer.from(responseIn(text).patch ?? '', 'base64').toString()
}

describe('proa webhook', () => {
  it.each([0, 1])('serves with %i worker threads, takes changed files over, and drains on SIGTERM', async (workers) => {
    const { at, flags } = files()
    const { child, url, log, exitCode } = await started([
      ...flags,
      '--workers',
      String(workers),
      '--drain-seconds',
      '0',
    ])
    await expect.poll(() => isReady(url), { timeout: 20_000 }).toBe(200)
    expect(await injectedText(url)).toContain('example.com/proxy:t1')
    writeFileSync(at('config/values'), values.replace('t1', 't2'))
    await expect.poll(() => injectedText(url), { timeout: 20_000 }).toContain('example.com/proxy:t2')
    child.kill('SIGTERM')
    expect(await exitCode()).toBe(0)
    expect(log.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['configuration in use', 'injected', 'stopped']))
  })

  it('writes lines for people where somebody looks at a terminal', async () => {
    const args = [launcher, 'webhook', ...files().flags, '--log-format', 'pretty']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    const [first] = await once(createInterface(child.stdout), 'line')
    expect(String(first)).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO .*: listening .*127\.0\.0\.1/)
  })

  it('ends at once when it is told a second time', async () => {
    const { child, exitCode, log } = await started([...files().flags, '--drain-seconds', '600'])
    child.kill('SIGTERM')
    await expect.poll(() => log.some(({ signal }) => signal === 'SIGTERM'), { timeout: 20_000 }).toBe(true)
    child.kill('SIGINT')
    expect(await exitCode()).toBe(0)
  })

  it.each([
    [['--tls-cert-file', 'a'], 'belong together'],
    [['--tls-ca-file', 'a'], 'needs --tls-cert-file'],
    [['--config-directory', 'a', '--inject-config-map', 'b'], 'not from both'],
    [['--https-address', '15017'], ':15017'],
    [['--workers', 'many'], 'whole number'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await workspace().proa(['webhook', ...args])
    expect(code).toBe(64)
    expect(stderr).toContain(message)
  })

  it('says that an address is taken', async () => {
    const { url } = await started(files().flags)
    const { code, stderr } = await workspace().proa(['webhook', ...files().flags, '--https-address', new URL(url).host])
    expect(code).toBe(2)
    expect(stderr).toContain('EADDRINUSE')
  })
})
