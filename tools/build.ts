/**
 * Bundles the command line, so that it starts fast and needs nothing beside it. What a command loads when it runs is a
 * chunk of its own: `proa --help` never reads the engine.
 */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

// Chunks are named by their content; those of an older build would stay for ever.
rmSync('packages/cli/dist/chunks', { recursive: true, force: true })

await build({
  entryPoints: { proa: 'packages/cli/src/main.ts' },
  outdir: 'packages/cli/dist',
  chunkNames: 'chunks/[hash]',
  bundle: true,
  splitting: true,
  platform: 'node',
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
