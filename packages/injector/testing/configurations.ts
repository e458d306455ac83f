/** The configurations that laws are tried on: the built-in one, and Istio 1.21's where the shared vectors are at hand. */
import { existsSync, readFileSync } from 'node:fs'
import { loadConfiguration } from '../src/config/load.ts'
import type { Configuration, ConfigurationOptions, SourceText } from '../src/config/types.ts'

const VECTORS = new URL('../../../../shared/vectors/injection/', import.meta.url)

export interface NamedConfiguration {
  readonly name: string
  readonly configuration: Configuration
}

/** A release's own settings from the shared vectors; `undefined` where these are not at hand. */
function istioConfiguration(release: '1.21', options: ConfigurationOptions): Configuration | undefined {
  const source = (kind: string): SourceText => {
    const url = new URL(`${release}/settings/default.${kind}.gen.yaml`, VECTORS)
    return { source: kind, text: readFileSync(url, 'utf8') }
  }
  if (!existsSync(new URL(`${release}/settings/`, VECTORS))) return undefined
  const sources = { config: source('template'), values: source('values'), mesh: source('mesh') }
  return loadConfiguration(sources, { compat: release, ...options })
}

/** The built-in configuration and Istio 1.21's, each with the proxy as a container and as a native sidecar. */
export function lawConfigurations(): readonly NamedConfiguration[] {
  return ([false, true] as const).flatMap((nativeSidecars) => {
    const istio = istioConfiguration('1.21', { nativeSidecars })
    const kind = nativeSidecars ? ', native sidecars' : ''
    return [
      { name: `built-in${kind}`, configuration: loadConfiguration({}, { nativeSidecars }) },
      ...(istio === undefined ? [] : [{ name: `Istio 1.21${kind}`, configuration: istio }]),
    ]
  })
}
