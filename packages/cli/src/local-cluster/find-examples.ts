import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const FOLDER = join('examples', 'local-cluster')

/** The examples of `proa start` in the checkout: they lie above the bundle as they do above the sources. */
export function findExamples(from: string, cwd: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const examples = join(folder, FOLDER)
    if (existsSync(examples) && readdirSync(examples).some((name) => name.endsWith('.yaml'))) {
      const near = relative(cwd, examples)
      return near.startsWith('..') ? examples : near
    }
    if (dirname(folder) === folder) return undefined
  }
}
