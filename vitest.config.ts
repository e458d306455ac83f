import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Tests read the sources of every package, never a stale dist/.
  resolve: { conditions: ['proa:source'] },
  ssr: { resolve: { conditions: ['proa:source'] } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'conformance/**/*.test.ts', 'test/**/*.test.ts'],
    pool: 'threads',
    testTimeout: 60_000,
  },
})
