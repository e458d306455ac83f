/** Bundles the command line into one file, so that it starts fast and needs nothing beside it. */
import { build } from 'esbuild'

await build({
  entryPoints: ['packages/cli/src/main.ts'],
  outfile: 'packages/cli/dist/proa.js',
  bundle: true,
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
