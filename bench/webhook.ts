/**
 * What the webhook serves on this machine: `npm run bench:webhook`. Figures and what they mean: docs/performance.md.
 *
 * `proa webhook` as it is shipped in one process, the load in this one: HTTPS, keep-alive, each review with a Pod that was never seen
 * before. Beside it a bare TLS server of the same stack, which only parses the review and answers with a patch of the same size.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import { ask } from '../packages/webhook/testing/ask.ts'
import { selfSigned } from '../packages/webhook/testing/certificate.ts'
import { responseIn, reviewOf } from '../packages/webhook/testing/reviews.ts'
import { injectorSources } from './injector-sources.ts'
import { pacedLoad } from './paced-load.ts'
import { standardPod } from './pods.ts'

const CONNECTIONS = 8
const SECONDS = Number(process.env.SECONDS ?? 8)
const ROUNDS = Number(process.env.ROUNDS ?? 3)
const MEMORY_REQUESTS = Number(process.env.REQUESTS ?? 100_000)
const MEMORY_STEPS = 5
const [WORKERS = '0'] = process.argv.slice(2)

/** The text of a review in pieces, between which the number of the Pod stands. */
const MARK = '424242'
const pod = standardPod(`hello-${MARK}`)
const pieces = JSON.stringify(reviewOf(pod, { uid: `705ab4f5-6393-11e8-b7cc-${MARK}` })).split(MARK)
let next = 100_000
const nextBody = (): string => pieces.join(String(next++))

const folder = mkdtempSync(join(tmpdir(), 'proa-bench-'))
let starts = 0

interface Server {
  readonly url: string
  readonly pid: number
  stop(): void
}

/** Its log goes to a file, as a container's does; there stands where it listens. */
async function start(...args: readonly string[]): Promise<Server> {
  const log = join(folder, `${starts++}.log`)
  const output = openSync(log, 'w')
  // As in the image, deploy/Dockerfile.
  const nodeArgs = (process.env.SERVER_NODE_OPTIONS ?? '--max-semi-space-size=8').split(' ')
  const { pid, exitCode } = spawn(process.execPath, [...nodeArgs, ...args], { stdio: ['ignore', output, 'inherit'] })
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (pid === undefined || exitCode !== null) throw new Error('the server did not start')
    const listening = readFileSync(log, 'utf8')
      .split('\n')
      .find((line) => line.includes('"listening"'))
    if (listening === undefined) continue
    const { https } = JSON.parse(listening) as { readonly https: string }
    return { url: https, pid, stop: () => process.kill(pid, 'SIGTERM') }
  }
}

/** Of a whole process with all its threads: microseconds of CPU time, bytes of resident memory. */
function usage({ pid }: Server): { readonly cpu: number; readonly rss: number } {
  if (process.platform !== 'linux') return { cpu: Number.NaN, rss: Number.NaN }
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  const ticks = Number(fields[11]) + Number(fields[12])
  return { cpu: ticks * 10_000, rss: Number(fields[21]) * 4096 }
}

async function fullLoad(server: Server, amount?: number) {
  const before = usage(server)
  const result = await autocannon({
    url: `${server.url}/inject`,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    requests: [{ setupRequest: (request) => ({ ...request, body: nextBody() }) }],
    ...(amount === undefined ? { duration: SECONDS } : { amount }),
  })
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`the load broke: ${JSON.stringify(result)}`)
  const total = result.requests.total
  const { p50, p99, p99_9: p999 } = result.latency
  return {
    perSecond: total / result.duration,
    cpuMicroseconds: (usage(server).cpu - before.cpu) / total,
    p50,
    p99,
    p999,
  }
}

type Full = Awaited<ReturnType<typeof fullLoad>>

const best = (runs: readonly Full[]): Full =>
  runs.reduce((one, other) => (other.perSecond > one.perSecond ? other : one))

function proaArguments(folder: string): string[] {
  const { sources, compat = 'auto' } = injectorSources()
  const { certificate, privateKey } = selfSigned()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const names = { config: '--injectConfigFile', values: '--valuesFile', mesh: '--meshConfigFile' } as const
  const flags = Object.entries(names).flatMap(([part, flag]) => {
    const source = sources[part as keyof typeof names]
    return source === undefined ? [] : [flag, file(part, source.text)]
  })
  return [
    ...['packages/cli/dist/proa.js', 'webhook', '--https-address', '127.0.0.1:0', '--compat', compat, ...flags],
    ...['--tls-cert-file', file('cert.pem', certificate), '--tls-private-key-file', file('key.pem', privateKey)],
    ...['--workers', WORKERS, '--log-format', 'json', '--drain-seconds', '0'],
  ]
}

async function ready(server: Server): Promise<void> {
  for (;;) if ((await ask(server, { method: 'GET', path: '/readyz' })).status === 200) return
}

async function patchSize(server: Server): Promise<number> {
  const { patch } = responseIn((await ask(server, { body: nextBody() })).text)
  if (patch === undefined) throw new Error('the benchmark’s Pod was not injected')
  return Buffer.from(patch, 'base64').length
}

async function steady(server: Server, rate: number) {
  const before = usage(server)
  const paced = await pacedLoad(`${server.url}/inject`, rate, SECONDS, nextBody)
  return { ...paced, perSecond: rate, cpuMicroseconds: (usage(server).cpu - before.cpu) / (rate * SECONDS) }
}

const row = (task: string, { perSecond, cpuMicroseconds, p50, p99, p999 }: Full) => ({
  task,
  'per second': Math.round(perSecond),
  'CPU µs each': Math.round(cpuMicroseconds),
  'p50 ms': p50,
  'p99 ms': p99,
  'p99.9 ms': p999,
})

const proa = await start(...proaArguments(folder))
await ready(proa)
const atStart = usage(proa).rss
const bytes = await patchSize(proa)
const bare = await start('--conditions=proa:source', 'bench/webhook-bare.ts', String(bytes))
console.log(
  `${injectorSources().name}; review ${nextBody().length} bytes, patch ${bytes} bytes; ${CONNECTIONS} connections; ` +
    `${WORKERS} workers; Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`,
)
await fullLoad(proa, 8000)
await fullLoad(bare, 8000)
const runs: { readonly proa: Full[]; readonly bare: Full[] } = { proa: [], bare: [] }
for (let round = 0; round < ROUNDS; round++) {
  runs.proa.push(await fullLoad(proa))
  runs.bare.push(await fullLoad(bare))
}
const full = { proa: best(runs.proa), bare: best(runs.bare) }
const rate = full.proa.perSecond / 2
const half = { proa: await steady(proa, rate), bare: await steady(bare, rate) }
bare.stop()
console.table([
  row('proa, full load', full.proa),
  row('bare, full load', full.bare),
  row('proa, half of its full load', half.proa),
  row('bare, the same load', half.bare),
])
const ratio = (one: number, other: number): string => (one / other).toFixed(2)
console.log(
  `proa to bare: throughput ${ratio(full.proa.perSecond, full.bare.perSecond)}, ` +
    `requests per CPU second ${ratio(full.bare.cpuMicroseconds, full.proa.cpuMicroseconds)} at full load and ` +
    `${ratio(half.bare.cpuMicroseconds, half.proa.cpuMicroseconds)} at the same load`,
)

const resident = [atStart, usage(proa).rss]
for (let step = 0; step < MEMORY_STEPS; step++) {
  await fullLoad(proa, MEMORY_REQUESTS / MEMORY_STEPS)
  resident.push(usage(proa).rss)
}
const { text } = await ask(proa, { method: 'GET', path: '/metrics' })
const heap = Number(/^nodejs_heap_size_used_bytes (\S+)/m.exec(text)?.[1])
const mebibytes = (count: number): number => Math.round(count / 2 ** 20)
console.log(
  `resident MiB at the start, now, and after each ${MEMORY_REQUESTS / MEMORY_STEPS} further requests: ` +
    `${resident.map(mebibytes).join(', ')}; heap in use ${mebibytes(heap)} MiB`,
)
proa.stop()
rmSync(folder, { recursive: true, force: true })
