import { createHash } from 'node:crypto'
import type { Configuration } from '@proa/injector'

/** Enough to tell the templates of a fleet apart, and short enough to be compared by eye. */
const LENGTH = 16

const known = new WeakMap<Configuration, string>()

/** Names the templates of a configuration, whatever their order: Pods that were injected with the same ones have the same hash. */
export function templateHash(configuration: Configuration): string {
  const found = known.get(configuration)
  if (found !== undefined) return found
  const hash = createHash('sha256')
  for (const name of [...configuration.templates.keys()].sort()) {
    hash.update(JSON.stringify([name, configuration.templates.get(name)?.text]))
  }
  const made = hash.digest('hex').slice(0, LENGTH)
  known.set(configuration, made)
  return made
}
