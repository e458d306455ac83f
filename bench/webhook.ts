/**
 * What the webhook serves on this machine: `npm run bench:webhook`. Figures and what they mean: docs/performance.md.
 *
 * A server in one process, the load in this one: HTTPS, keep-alive, each review with a Pod that was never seen before. Beside it a
 * bare TLS server of the same stack, which only parses the review and answers with a patch of the same size.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus } from 'node:os'
import autocannon from 'autocannon'
import { reviewOf } from '../packages/webhook/testing/reviews.ts'
import { injectorSources } from './injector-sources.ts'
import { standardPod } from './pods.ts'
import type { Question, Usage } from './webhook-server.ts'

const CONNECTIONS = 8
const SECONDS = Number(process.env.SECONDS ?? 8)
const ROUNDS = Number(process.env.ROUNDS ?? 2)
const MEMORY_REQUESTS = Number(process.env.REQUESTS ?? 100_000)
const WORKERS = Number(process.env.WORKERS ?? 0)

/** The text of a review in pieces, between which the number of the Pod stands. */
const MARK = '424242'
const pieces = JSON.stringify(reviewOf(standardPod(`hello-${MARK}`), { uid: `705ab4f5-6393-11e8-b7cc-${MARK}` })).split(
  MARK,
)
let next = 100_000
const nextBody = (): string => pieces.join(String(next++))

interface Server {
  readonly url: string
  usage(collect?: boolean): Promise<Usage>
  stop(): void
}

async function start(...args: readonly string[]): Promise<Server> {
  const child: ChildProcess = fork(new URL('webhook-server.ts', import.meta.url), [...args], {
    execArgv: ['--expose-gc', '--conditions=proa:source', ...(process.env.NODE_ARGS?.split(' ') ?? [])],
  })
  const [{ url }] = (await once(child, 'message')) as [{ readonly url: string }]
  return {
    url,
    async usage(collect = false) {
      const answer = once(child, 'message')
      child.send({ ask: collect ? 'collect' : 'usage' } satisfies Question)
      return (await answer)[0] as Usage
    },
    stop: () => child.send({ ask: 'stop' } satisfies Question),
  }
}

interface Load {
  readonly amount?: number
  readonly rate?: number
}

async function load(server: Server, { amount, rate }: Load = {}) {
  const before = await server.usage()
  const result = await autocannon({
    url: `${server.url}/inject`,
    connections: CONNECTIONS,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    requests: [{ setupRequest: (request) => ({ ...request, body: nextBody() }) }],
    ...(amount === undefined ? { duration: SECONDS } : { amount }),
    ...(rate === undefined ? {} : { overallRate: rate }),
  })
  if (result.non2xx + result.errors + result.timeouts > 0) throw new Error(`the load broke: ${JSON.stringify(result)}`)
  const { cpu } = await server.usage()
  const total = result.requests.total
  return {
    perSecond: total / result.duration,
    cpuMicroseconds: (cpu - before.cpu) / total,
    p50: result.latency.p50,
    p99: result.latency.p99,
    p999: result.latency.p99_9,
  }
}

async function patchSize(server: Server): Promise<number> {
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
  process.removeAllListeners('warning')
  const headers = { 'Content-Type': 'application/json' }
  const answer = await fetch(`${server.url}/inject`, { method: 'POST', headers, body: nextBody() })
  const { response } = (await answer.json()) as { readonly response: { readonly patch?: string } }
  if (response.patch === undefined) throw new Error(`no patch: ${JSON.stringify(response)}`)
  return Buffer.from(response.patch, 'base64').length
}

const best = <T extends { readonly perSecond: number }>(runs: readonly T[]): T =>
  runs.reduce((one, other) => (other.perSecond > one.perSecond ? other : one))

const proa = await start('proa', '0', String(WORKERS))
const bytes = await patchSize(proa)
const bare = await start('bare', String(bytes))
console.log(
  `${injectorSources().name}; review ${nextBody().length} bytes, patch ${bytes} bytes; ${CONNECTIONS} connections; ` +
    `${WORKERS} workers; Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}`,
)
const runs: { readonly proa: Awaited<ReturnType<typeof load>>[]; readonly bare: Awaited<ReturnType<typeof load>>[] } = {
  proa: [],
  bare: [],
}
await load(proa, { amount: 4000 })
await load(bare, { amount: 4000 })
for (let round = 0; round < ROUNDS; round++) {
  runs.proa.push(await load(proa))
  runs.bare.push(await load(bare))
}
const full = { proa: best(runs.proa), bare: best(runs.bare) }
const half = await load(proa, { rate: Math.round(full.proa.perSecond / 2) })
console.table(
  Object.entries({ 'proa, full load': full.proa, 'bare, full load': full.bare, 'proa, half load': half }).map(
    ([task, { perSecond, cpuMicroseconds, p50, p99, p999 }]) => ({
      task,
      'per second': Math.round(perSecond),
      'CPU µs each': Math.round(cpuMicroseconds),
      'p50 ms': p50,
      'p99 ms': p99,
      'p99.9 ms': p999,
    }),
  ),
)
const ratio = (one: number, other: number): string => (one / other).toFixed(2)
console.log(
  `proa to bare: throughput ${ratio(full.proa.perSecond, full.bare.perSecond)}, ` +
    `CPU time ${ratio(full.bare.cpuMicroseconds, full.proa.cpuMicroseconds)}`,
)
bare.stop()

const memory: Usage[] = [await proa.usage(true)]
const STEPS = 4
for (let step = 0; step < STEPS; step++) {
  await load(proa, { amount: MEMORY_REQUESTS / STEPS })
  memory.push(await proa.usage(true))
}
const mebibytes = (kind: 'rss' | 'heapUsed'): string =>
  memory.map((usage) => Math.round(usage[kind] / 2 ** 20)).join(', ')
console.log(
  `memory at 0 to ${MEMORY_REQUESTS} further requests: resident ${mebibytes('rss')} MiB, heap in use ${mebibytes('heapUsed')} MiB`,
)
proa.stop()
