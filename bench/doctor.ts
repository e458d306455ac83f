/**
 * How long and how much memory `proa doctor` needs for a snapshot of 500 namespaces and 5,000 Pods: the third part of
 * `npm run bench`. The command runs as a process of its own, from the bundle of the last build; the checks alone run here.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CHECKS, clusterOf, diagnose, parseSnapshot } from '@proa/doctor'
import { writeSnapshot } from '@proa/snapshot'
import { largeCluster } from './large-cluster.ts'

const SIZE = { namespaces: 500, nodes: 100 } as const
const RUNS = 5
const PROA = fileURLToPath(new URL('../packages/cli/bin/proa.js', import.meta.url))

const MIB = 1024 * 1024
const milliseconds = (since: number): number => Math.round(performance.now() - since)
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0

interface Run {
  readonly ms: number
  /** Of all its threads: what other work on the machine changes little. */
  readonly cpu: number
  /** Resident memory at its highest, in MiB. */
  readonly peak: number
}

/** The whole process. The child says itself how much memory it had at most. */
function command(args: readonly string[]): Run {
  const start = performance.now()
  const tell = `process.on("exit", () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
    process.stderr.write("\\nused " + maxRSS + " " + (userCPUTime + systemCPUTime) + "\\n")
  })`
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, PROA, ...args],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      maxBuffer: 64 * MIB,
    },
  )
  const ms = milliseconds(start)
  const said = stderr.toString()
  // 1 and 2: it has found something.
  if (status !== 0 && status !== 1 && status !== 2)
    throw new Error(`proa ${args.join(' ')} ended with ${status}: ${said}`)
  const [, peak = 0, cpu = 0] = /\nused (\d+) (\d+)\n/.exec(said) ?? []
  return { ms, peak: Math.round(Number(peak) / 1024), cpu: Math.round(Number(cpu) / 1000) }
}

function slowest(file: string): readonly object[] {
  const cluster = clusterOf(parseSnapshot(JSON.parse(readFileSync(file, 'utf8'))))
  return CHECKS.map(({ id, run }) => {
    const start = performance.now()
    const outcomes = run(cluster)
    return { check: id, ms: milliseconds(start), outcomes: outcomes.length }
  })
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, 12)
}

const folder = mkdtempSync(join(tmpdir(), 'proa-bench-'))
try {
  const file = join(folder, 'snapshot.json')
  await writeSnapshot(largeCluster(SIZE), file)
  const snapshot = parseSnapshot(JSON.parse(readFileSync(file, 'utf8')))
  const pods = snapshot.objects.filter(({ kind }) => kind === 'Pod').length
  console.log(
    `${SIZE.namespaces} namespaces, ${pods} Pods, ${snapshot.objects.length} objects, ${Math.round(statSync(file).size / MIB)} MiB of JSON`,
  )
  const rows: object[] = []
  if (existsSync(PROA)) {
    for (const args of [
      ['doctor', '-f', file],
      ['doctor', '-f', file, '-o', 'json'],
      ['doctor', 'deployment', 'team-17/web', '-f', file],
    ]) {
      const runs = Array.from({ length: RUNS }, () => command(args))
      rows.push({
        what: `proa ${args.join(' ').replace(file, 'snapshot.json')}`,
        'median ms': median(runs.map(({ ms }) => ms)),
        'median CPU ms': median(runs.map(({ cpu }) => cpu)),
        'peak MiB': Math.max(...runs.map(({ peak }) => peak)),
      })
    }
  }
  const times = Array.from({ length: RUNS }, () => {
    const start = performance.now()
    const { findings } = diagnose(snapshot)
    return { ms: milliseconds(start), findings: findings.length }
  })
  rows.push({ what: `diagnose alone, ${times[0]?.findings} findings`, 'median ms': median(times.map(({ ms }) => ms)) })
  console.table(rows)
  console.log('the slowest checks, what they share counted with the first that asks')
  console.table(slowest(file))
} finally {
  rmSync(folder, { recursive: true })
}
