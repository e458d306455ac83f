/**
 * How long the command takes from start to end, as a process of its own: the second half of `npm run bench`. Builds nothing; what
 * runs is the bundle of the last `npm install`, `npm start` or `npm run build`.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RUNS = 15
const DOCUMENTS = 1000
const PROA = fileURLToPath(new URL('../packages/cli/bin/proa.js', import.meta.url))
const YAML = fileURLToPath(new URL('../node_modules/js-yaml/dist/js-yaml.mjs', import.meta.url))

function deployment(name: string): string {
  return `# my deployment
apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  namespace: shop
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        # main container
        - name: web
          image: nginx:1.25
          ports:
            - containerPort: 80
          livenessProbe:
            httpGet: {path: /, port: 80}
`
}

/** Wall milliseconds of each run, sorted; the first is a warm-up and not counted. */
function timed(args: readonly string[]): readonly number[] {
  const times = Array.from({ length: RUNS + 1 }, () => {
    const start = performance.now()
    const { status, stderr } = spawnSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr.toString()}`)
    return performance.now() - start
  })
  return times.slice(1).sort((a, b) => a - b)
}

const folder = mkdtempSync(join(tmpdir(), 'proa-bench-'))
try {
  const one = join(folder, 'one.yaml')
  const many = join(folder, 'many.yaml')
  writeFileSync(one, deployment('web'))
  writeFileSync(many, Array.from({ length: DOCUMENTS }, (_, i) => deployment(`web${i}`)).join('---\n'))
  const parse = `import { loadAll } from ${JSON.stringify(YAML)}; import { readFileSync } from 'node:fs'; loadAll(readFileSync(${JSON.stringify(many)}, 'utf8'))`
  const commands: Readonly<Record<string, readonly string[]>> = {
    'proa --help': [PROA, '--help'],
    'proa explain, one file': [PROA, 'explain', '-f', one],
    [`proa explain -o json, ${DOCUMENTS} documents`]: [PROA, 'explain', '-f', many, '-o', 'json'],
    [`only parsing ${DOCUMENTS} documents with js-yaml`]: ['--input-type=module', '--eval', parse],
    [`proa inject, ${DOCUMENTS} documents`]: [PROA, 'inject', '-f', many],
  }
  const rows = Object.entries(commands).map(([command, args]) => {
    const times = timed(args)
    const at = (part: number): number => Math.round(times[Math.floor(part * (RUNS - 1))] ?? 0)
    return { command, 'minimum ms': at(0), 'median ms': at(0.5), 'maximum ms': at(1) }
  })
  console.log(`whole processes, ${RUNS} runs of each after a warm-up`)
  console.table(rows)
} finally {
  rmSync(folder, { recursive: true })
}
