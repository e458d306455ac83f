import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '@proa/kube'
import { configurationFromConfigMaps } from '@proa/webhook'
import { describe, expect, it } from 'vitest'
import { objectServer } from '../packages/webhook/testing/object-server.ts'
import { settled } from '../packages/webhook/testing/settling.ts'

/**
 * Istio's own table of what its ConfigMap watcher takes over (1.21): keys that are missing, no YAML, deletion. The vectors stand
 * beside the repository; without them there is nothing to compare with.
 */
const file = path.resolve(import.meta.dirname, '..', '../shared/vectors/injection/1.21/unit.json')

interface Watcher {
  readonly namespace: string
  readonly name: string
  readonly steps: readonly { readonly op: 'added' | 'updated' | 'deleted'; readonly data: Record<string, string> }[]
  readonly wantAfterEveryStep: { readonly configYaml: string; readonly values: string }
}

const CONFIG_MAPS = '/api/v1/configmaps'

describe.skipIf(!existsSync(file))('the ConfigMap watcher of Istio 1.21 (skipped without the vectors)', () => {
  it('has the same configuration after every step', async () => {
    const watcher = (JSON.parse(readFileSync(file, 'utf8')) as { configMapWatcher: Watcher }).configMapWatcher
    const { namespace, name, steps, wantAfterEveryStep: wanted } = watcher
    const server = await objectServer([CONFIG_MAPS])
    const map = (mapName: string, data: JsonObject): JsonObject => ({ metadata: { name: mapName, namespace }, data })
    server.put(CONFIG_MAPS, map('istio', { mesh: '{}' }))
    const log = { info: () => undefined, warn: () => undefined }
    const source = configurationFromConfigMaps({
      client: await server.client(),
      namespace,
      // A configuration without templates is one to Istio, and to us of a release that is given.
      options: { env: {}, compat: '1.21' },
      log,
    })
    for (const { op, data } of steps) {
      if (op === 'deleted') server.remove(CONFIG_MAPS, name)
      else server.put(CONFIG_MAPS, map(name, data))
      const isWanted = op !== 'deleted' && data.config === wanted.configYaml && data.values === wanted.values
      await settled(source, ({ current, problem }) => current !== undefined && (problem === undefined) === isWanted)
      expect(source.current?.sources).toMatchObject({
        config: { text: wanted.configYaml },
        values: { text: wanted.values },
      })
      expect(source.current?.generation).toBe(1)
    }
    source.stop()
    await server.close()
  })
})
