import { defineConfig } from 'vitest/config'
import { closingLine } from './tools/closing-line.ts'

export default defineConfig({
  // Tests read the sources of every package, never a stale dist/.
  resolve: { conditions: ['proa:source'] },
  ssr: { resolve: { conditions: ['proa:source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'conformance/**/*.test.ts', 'test/**/*.test.ts'],
    // Not threads: one that had sockets open sometimes spins in Node's own clean-up for ever, and the process with it.
    pool: 'forks',
    testTimeout: 60_000,
    reporters: ['default', closingLine(process.env.PROA_NOTHING_SKIPPED === '1')],
  },
})
