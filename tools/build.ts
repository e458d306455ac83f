/**
 * Bundles the command line, so that it starts fast and needs nothing beside it. What a command loads when it runs is a
 * chunk of its own: `proa --help` never reads the engine.
 */
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { build } from 'esbuild'

const DIST = 'packages/cli/dist'
const CHUNKS = join(DIST, 'chunks')

const { outputFiles } = await build({
  // The thread of `proa webhook --workers` starts from a file of its own.
  entryPoints: { proa: 'packages/cli/src/main.ts', 'webhook-worker': 'packages/webhook/src/workers/review-worker.ts' },
  outdir: DIST,
  write: false,
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
  // Modules before CommonJS: what is imported dynamically keeps its names.
  mainFields: ['module', 'main'],
  format: 'esm',
  target: 'node22.18',
  conditions: ['proa:source'],
  sourcemap: 'linked',
  legalComments: 'linked',
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})

// Whoever calls proa meanwhile gets the old program or the new one: chunks are named by their content, so the new ones
// stand beside the old ones until the entry, which comes last, names them.
mkdirSync(CHUNKS, { recursive: true })
const chunks = outputFiles.filter((file) => dirname(file.path).endsWith('chunks'))
const entries = outputFiles.filter((file) => !chunks.includes(file))
for (const file of [...chunks, ...entries]) {
  const fresh = `${file.path}.${process.pid}.tmp`
  writeFileSync(fresh, file.contents)
  renameSync(fresh, file.path)
}
const current = new Set(chunks.map((file) => basename(file.path)))
for (const name of readdirSync(CHUNKS)) {
  if (!current.has(name) && !name.endsWith('.tmp')) rmSync(join(CHUNKS, name), { force: true })
}
