import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** The `examples` folder of the checkout: it lies above the bundle as it does above the sources. */
export function findExamples(from: string, cwd: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const examples = join(folder, 'examples')
    if (existsSync(examples) && readdirSync(examples).some((name) => name.endsWith('.yaml'))) {
      const near = relative(cwd, examples)
      return near.startsWith('..') ? examples : near
    }
    if (dirname(folder) === folder) return undefined
  }
}
