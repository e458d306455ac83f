import { existsSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../../..')

/** Arguments of Node.js that run `proa`: the bundle that `npm test` has built, else the sources, which start more slowly. */
export function program(): readonly string[] {
  const bundle = join(ROOT, 'packages/cli/dist/proa.js')
  if (existsSync(bundle)) return [bundle]
  return ['--conditions=proa:source', join(ROOT, 'packages/cli/src/main.ts')]
}
