/**
 * How fast one process injects: `npm run bench`. Figures and what they mean: docs/performance.md.
 *
 * The template, the values and the Pod are those of Istio 1.21's own tests where the shared vectors are beside the
 * repository, else the built-in ones.
 */
import { existsSync, readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { type Configuration, decide, injectPod, loadConfiguration } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import { Bench } from 'tinybench'
import { decoratedPods, namedReplicas, podWithEnvironment, standardPod, unlikePods } from './pods.ts'

const VECTORS = new URL('../../shared/vectors/injection/1.21/settings/', import.meta.url)
const MILLISECONDS = 3000
const MEMORY_RUNS = 6000

function configuration(): { readonly name: string; readonly value: Configuration } {
  if (!existsSync(VECTORS)) return { name: 'built-in template', value: loadConfiguration() }
  const read = (file: string) => ({ source: file, text: readFileSync(new URL(file, VECTORS), 'utf8') })
  const sources = {
    config: read('default.template.gen.yaml'),
    values: read('default.values.gen.yaml'),
    mesh: read('default.mesh.gen.yaml'),
  }
  return { name: 'default template of Istio 1.21', value: loadConfiguration(sources, { compat: '1.21' }) }
}

function injected(pod: JsonObject, using: Configuration): void {
  const result = injectPod({ pod, mode: 'webhook', namespace: 'shop' }, using)
  if (result.outcome !== 'injected') throw new Error(`the benchmark's Pod was ${result.outcome}`)
  // Some results are worked out only when they are asked for.
  if (result.patchText === '') throw new Error('there is no patch')
}

const { name, value } = configuration()
const bench = new Bench({ time: MILLISECONDS, warmupTime: 1500 })
const different = decoratedPods(2000)
const unlike = unlikePods()
let next = 0
const replica = standardPod('replica')
const named = namedReplicas('replica')
const big = podWithEnvironment(2000)
const huge = podWithEnvironment(10_000)

// Before the harness, which keeps every sample: what injecting itself holds on to.
const memory = [1, 2, 3].map(() => {
  for (let i = 0; i < MEMORY_RUNS; i++) injected(i % 2 === 0 ? different(next++) : unlike(next++), value)
  globalThis.gc?.()
  return process.memoryUsage()
})

bench
  .add('(a) every Pod different', () => injected(different(next++), value))
  .add('(a) every Pod of a shape of its own', () => injected(unlike(next++), value))
  .add('(b) replicas of one workload', () => injected(structuredClone(replica), value))
  .add('(b) replicas with names of their own', () => injected(named(next++), value))
  .add('(c) 2,000 environment variables', () => injected(big(next++), value))
  .add('(c) 10,000 environment variables', () => injected(huge(next++), value))
  .add('(d) the decision alone', () => {
    decide(replica, 'shop', value.decision)
  })

console.log(
  `${name}; Node ${process.version}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`,
)
// A part of a name runs only what has it, in a process of its own: `node --conditions=proa:source bench/injection.ts '(c) 2,000'`.
const only = process.argv[2] ?? ''
for (const { name: task } of [...bench.tasks]) if (!task.includes(only)) bench.remove(task)
await bench.run()
console.table(
  bench.tasks.map((task) => {
    const { result } = task
    if (result.state !== 'completed') throw new Error(`${task.name}: ${result.state}`, { cause: result })
    return {
      task: task.name,
      'per second': Math.round(result.throughput.mean),
      'median ms': Number(result.latency.p50.toFixed(4)),
      'p99 ms': Number(result.latency.p99.toFixed(4)),
    }
  }),
)
console.log(
  `memory after each of three times ${MEMORY_RUNS} different Pods: heap in use ${mebibytes('heapUsed')}, resident ${mebibytes('rss')} MiB`,
)

function mebibytes(kind: 'heapUsed' | 'rss'): string {
  return memory.map((usage) => Math.round(usage[kind] / 2 ** 20)).join(', ')
}
