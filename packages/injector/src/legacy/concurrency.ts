import type { JsonObject } from '@proa/kube'
import { wholeCpus } from '../data/concurrency.ts'
import { listOf, objectOf } from '../data/fields.ts'

const FLAG = /^--?concurrency(?:=(\d+))?$/

/**
 * Gives the proxy as many worker threads as it has CPUs: `--concurrency N` from its CPU limit, else its CPU request,
 * rounded up. A proxy whose arguments name a number above 0 keeps it.
 */
export function withConcurrency(proxy: JsonObject): JsonObject {
  const args = listOf(proxy, 'args').map(String)
  if (configured(args) > 0) return proxy
  const cpus = positiveCpus(proxy, 'limits') ?? positiveCpus(proxy, 'requests')
  return cpus === undefined ? proxy : { ...proxy, args: [...args, '--concurrency', String(cpus)] }
}

/** The number of the first flag, whether behind `=` or in the next argument; 0 where it is not a number. */
function configured(args: readonly string[]): number {
  for (const [index, arg] of args.entries()) {
    const match = FLAG.exec(arg.trim())
    if (match === null) continue
    const text = match[1] ?? args[index + 1] ?? ''
    return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : 0
  }
  return 0
}

function positiveCpus(proxy: JsonObject, amounts: 'limits' | 'requests'): bigint | undefined {
  const cpus = wholeCpus(objectOf(objectOf(proxy, 'resources'), amounts)?.cpu)
  return cpus !== undefined && cpus > 0n ? cpus : undefined
}
