/**
 * Istio's own table tests of ProxyConfig, from the shared vectors beside this repository
 * (`../shared/vectors/injection`). Without them the suite is skipped and says so.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  applyMeshConfig,
  applyToMessage,
  defaultMeshConfig,
  defaultProxyConfig,
  effectiveProxyConfig,
  type Message,
  mergeProxyConfig,
  PROXY_CONFIG,
  proxyConfigToJson,
  readInjectorValues,
  readMessage,
} from '../packages/injector/src/mesh/index.ts'
import { parseYaml } from '../packages/kube/src/index.ts'

const VECTORS = new URL('../../shared/vectors/injection/', import.meta.url)

interface Unit {
  readonly protoToJSON: readonly { name: string; proxyConfig: Message; want: string }[]
  readonly effectiveProxyConfig?: {
    readonly merge: readonly { name: string; first: Message | null; second: Message | null; want: Message }[]
    readonly effective: readonly {
      name: string
      rootNamespace: string
      resources: readonly { name: string; namespace: string; creationOrderSeconds: number; spec: Message }[]
      defaultConfig: Message | null
      proxy: { namespace: string; labels: Record<string, string>; annotations: Record<string, string> }
      wantOverDefaults: Message
    }[]
    readonly defaults: Message
  }
}

for (const minor of [8, 21]) {
  const path = new URL(`1.${minor}/unit.json`, VECTORS)
  const present = existsSync(path)
  const title = `Istio 1.${minor} tables${present ? '' : ' (skipped: no ../shared/vectors beside the repository)'}`
  describe.skipIf(!present)(title, () => {
    const unit: Partial<Unit> = present ? (JSON.parse(readFileSync(path, 'utf8')) as Unit) : {}

    describe('protoToJSON', () => {
      for (const row of unit.protoToJSON ?? []) {
        it(row.name, () => {
          const config = readMessage(PROXY_CONFIG, row.proxyConfig, { minor, allowUnknown: false })
          const text = proxyConfigToJson(config, minor)
          expect(text).toBe(row.want)
          expect(applyToMessage(PROXY_CONFIG, defaultProxyConfig(minor), JSON.parse(text), { minor })).toEqual(config)
        })
      }
    })

    const table = unit.effectiveProxyConfig
    if (table === undefined) return

    it('built-in defaults', () => {
      expect(defaultProxyConfig(minor)).toEqual(readMessage(PROXY_CONFIG, table.defaults, { minor }))
    })

    describe('merge', () => {
      for (const row of table.merge) {
        it(row.name, () => {
          const read = (json: Message | null): Message => readMessage(PROXY_CONFIG, json, { minor })
          const merged = mergeProxyConfig(read(row.second), read(row.first), minor)
          expect(merged).toEqual(read(row.want))
        })
      }
    })

    describe('effective', () => {
      for (const row of table.effective) {
        it(row.name, () => {
          const base = defaultMeshConfig(minor)
          const mesh =
            row.defaultConfig === null ? base : applyMeshConfig(base, { defaultConfig: row.defaultConfig }, minor)
          const { config } = effectiveProxyConfig(
            {
              mesh,
              annotation: row.proxy.annotations['proxy.istio.io/config'],
              resources: row.resources.map(({ creationOrderSeconds, ...resource }) => ({
                ...resource,
                creationTimestamp: new Date(1e12 + creationOrderSeconds * 1000).toISOString(),
              })),
              labels: row.proxy.labels,
              namespace: row.proxy.namespace,
              rootNamespace: row.rootNamespace,
            },
            minor,
          )
          expect(config).toEqual(mergeProxyConfig(defaultProxyConfig(minor), row.wantOverDefaults, minor))
        })
      }
    })
  })
}

describe('settings of Istio’s golden cases', () => {
  for (const minor of [8, 21]) {
    const folder = new URL(`1.${minor}/settings/`, VECTORS)
    const names = existsSync(folder) ? readdirSync(folder) : []
    const note = names.length > 0 ? '' : ' (skipped: there is no ../shared/vectors beside the repository)'
    it.skipIf(names.length === 0)(`1.${minor}: all values and mesh files are read and valid${note}`, () => {
      for (const name of names) {
        const text = readFileSync(new URL(name, folder), 'utf8')
        if (name.includes('.values.')) expect(readInjectorValues(parseYaml(text)).hub, name).toContain('istio')
        if (name.includes('.mesh.')) {
          const mesh = applyMeshConfig(defaultMeshConfig(minor), text, minor)
          expect(mesh.trustDomain, name).toBe('cluster.local')
        }
      }
    })
  }
})
