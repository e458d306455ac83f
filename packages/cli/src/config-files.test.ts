import { describe, expect, it } from 'vitest'
import { testContext, workspace } from '../testing/workspace.ts'
import { type ConfigFileNames, readConfigFiles } from './config-files.ts'

const configMap = (name: string, data: Record<string, string>) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n${Object.entries(data)
    .map(([key, text]) => `  ${key}: |\n    ${text}\n`)
    .join('')}`

async function read(files: Record<string, string>, names: ConfigFileNames, revision?: string) {
  const { folder } = workspace(files)
  return readConfigFiles(testContext(folder, {}, { stdout: '', stderr: '' }), names, revision)
}

describe('readConfigFiles', () => {
  it('takes a plain file as it is', async () => {
    const text = 'policy: enabled\ntemplates:\n  sidecar: "kind: Deployment"\n'
    expect(await read({ c: text, m: 'trustDomain: x\n' }, { config: 'c', mesh: 'm' })).toEqual({
      config: { text, source: 'c' },
      mesh: { text: 'trustDomain: x\n', source: 'm' },
    })
  })

  it('takes the key out of a ConfigMap, and the values of the same ConfigMap with it', async () => {
    const map = configMap('istio-sidecar-injector', { config: 'policy: enabled', values: '{"global": {}}' })
    const both = {
      config: { text: 'policy: enabled\n', source: 'cm (key "config")' },
      values: { text: '{"global": {}}\n', source: 'cm (key "values")' },
    }
    expect(await read({ cm: map }, { config: 'cm' })).toEqual(both)
    expect(await read({ cm: map }, { values: 'cm' })).toEqual({ values: both.values })
    expect(await read({ cm: map, v: '{}' }, { config: 'cm', values: 'v' })).toEqual({
      config: both.config,
      values: { text: '{}', source: 'v' },
    })
  })

  it('finds the ConfigMap in a List and among other documents', async () => {
    const map = JSON.stringify({ kind: 'ConfigMap', metadata: { name: 'istio' }, data: { mesh: 'a: 1' } })
    const expected = { mesh: { text: 'a: 1', source: 'cm (key "mesh")' } }
    expect(await read({ cm: `{"kind": "List", "items": [{"kind": "Pod"}, ${map}]}` }, { mesh: 'cm' })).toEqual(expected)
    expect(await read({ cm: `kind: Service\n---\n${map}\n` }, { mesh: 'cm' })).toEqual(expected)
  })

  it('chooses by revision when there are several', async () => {
    const names = ['istio-sidecar-injector', 'istio-sidecar-injector-canary']
    const cm = names.map((name) => configMap(name, { config: name })).join('---\n')
    expect((await read({ cm }, { config: 'cm' })).config?.text).toBe('istio-sidecar-injector\n')
    expect((await read({ cm }, { config: 'cm' }, 'canary')).config?.text).toBe('istio-sidecar-injector-canary\n')
    await expect(read({ cm }, { config: 'cm' }, 'other')).rejects.toThrow('several ConfigMaps have the key "config"')
  })

  it('says what is there when the key is missing', async () => {
    await expect(read({ cm: configMap('istio', { mesh: 'x' }) }, { config: 'cm' })).rejects.toMatchObject({
      message: 'no ConfigMap here has the key "config" that --injectConfigFile needs',
      hint: 'Found: "istio" with the keys "mesh".',
    })
    await expect(read({}, { config: 'nowhere' })).rejects.toThrow('cannot read: no such file or directory')
  })
})
