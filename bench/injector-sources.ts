import { existsSync, readFileSync } from 'node:fs'
import type { ConfigurationSources } from '@proa/injector'

const VECTORS = new URL('../../shared/vectors/injection/1.21/settings/', import.meta.url)

/** The configuration of Istio 1.21's own tests where the shared vectors are beside the repository, else the built-in one. */
export function injectorSources(): {
  readonly name: string
  readonly sources: ConfigurationSources
  readonly compat?: string
} {
  if (!existsSync(VECTORS)) return { name: 'built-in template', sources: {} }
  const read = (file: string) => ({ source: file, text: readFileSync(new URL(file, VECTORS), 'utf8') })
  const sources = {
    config: read('default.template.gen.yaml'),
    values: read('default.values.gen.yaml'),
    mesh: read('default.mesh.gen.yaml'),
  }
  return { name: 'default template of Istio 1.21', sources, compat: '1.21' }
}
