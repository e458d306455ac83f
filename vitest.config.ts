import { defineConfig } from 'vitest/config'
import { closingLine } from './tools/closing-line.ts'

export default defineConfig({
  // Tests read the sources of every package, never a stale dist/.
  resolve: { conditions: ['proa:source'] },
  ssr: { resolve: { conditions: ['proa:source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'conformance/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 60_000,
    reporters: ['default', closingLine(process.env.PROA_NOTHING_SKIPPED === '1')],
  },
})
