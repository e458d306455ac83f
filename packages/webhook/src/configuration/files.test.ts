import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { logLines, settled } from '../../testing/settling.ts'
import type { ConfigurationSource } from '../contracts.ts'
import { configurationFromFiles } from './configuration-source.ts'
import type { ConfigurationFiles } from './files.ts'

let folder = ''
const open: ConfigurationSource[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'proa-configuration-'))
})
afterEach(() => {
  for (const source of open.splice(0)) source.stop()
  rmSync(folder, { recursive: true, force: true })
})

function start(files: ConfigurationFiles): ConfigurationSource {
  const source = configurationFromFiles({ files, options: { env: {} }, log: logLines() })
  open.push(source)
  return source
}

const config = (policy: string): string => `policy: ${policy}\ntemplates: {sidecar: "a: b"}`
const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text)
const policyOf = (source: ConfigurationSource): string | undefined => source.current?.configuration.decision.policy
const problemOf = (source: ConfigurationSource): string | undefined => source.problem?.replaceAll(folder, '~')

/** As the kubelet writes a volume: a new folder, and the link `..data` exchanged for one that points there. */
function mount(version: string, files: Record<string, string>): void {
  const target = path.join(folder, `..${version}`)
  mkdirSync(target)
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(target, name), text)
  symlinkSync(`..${version}`, path.join(folder, '..data_tmp'))
  renameSync(path.join(folder, '..data_tmp'), path.join(folder, '..data'))
  for (const name of Object.keys(files)) {
    try {
      symlinkSync(`..data/${name}`, path.join(folder, name))
    } catch {
      // It is there from the first time.
    }
  }
}

describe('a configuration of files', () => {
  it('takes a change over without a restart', async () => {
    write('config', config('enabled'))
    write('values', '{}')
    const source = start({ directory: folder })
    await settled(source, ({ current }) => current?.generation === 1)
    write('config', config('disabled'))
    await settled(source, ({ current }) => current?.generation === 2)
    expect(policyOf(source)).toBe('disabled')
    expect(source.current?.sources.config?.source).toBe(path.join(folder, 'config'))
  })

  it('follows a mounted ConfigMap, whose files are exchanged all at once', async () => {
    mount('one', { config: config('enabled'), values: '{}', mesh: '{}' })
    const source = start({ directory: folder })
    await settled(source, ({ current }) => current !== undefined)
    mount('two', { config: config('disabled'), values: '{"global":{}}', mesh: 'rootNamespace: other' })
    await settled(source, ({ current }) => current?.generation === 2)
    expect(source.current?.sources.values?.text).toBe('{"global":{}}')
    expect(source.current?.configuration.mesh.rootNamespace).toBe('other')
    mount('three', { config: config('enabled'), values: '[]', mesh: '{}' })
    await settled(source, ({ problem }) => problem !== undefined)
    expect(problemOf(source)).toBe('~/values: is not an object')
    expect(policyOf(source)).toBe('disabled')
  })

  it('is not there at the start: the server runs, and takes it when it comes', async () => {
    const source = start({ directory: path.join(folder, 'later') })
    await settled(source, ({ problem }) => problem !== undefined)
    expect(problemOf(source)).toBe('~/later/config does not exist')
    expect(source.current).toBeUndefined()
    mkdirSync(path.join(folder, 'later'))
    write('later/config', config('enabled'))
    write('later/values', '{}')
    await settled(source, ({ current }) => current !== undefined)
    expect(source.problem).toBeUndefined()
  })

  it('that is deleted stays in use, and it is said', async () => {
    write('config', config('enabled'))
    write('values', '{}')
    const source = start({ directory: folder })
    await settled(source, ({ current }) => current !== undefined)
    unlinkSync(path.join(folder, 'values'))
    await settled(source, ({ problem }) => problem !== undefined)
    expect(problemOf(source)).toBe('~/values does not exist')
    expect(policyOf(source)).toBe('enabled')
  })

  it('needs no mesh in the directory, but a file that is named', async () => {
    write('config', config('enabled'))
    write('values', '{}')
    const named = start({ directory: folder, mesh: path.join(folder, 'mesh') })
    const unnamed = start({ directory: folder })
    await settled(named, ({ problem }) => problem !== undefined)
    await settled(unnamed, ({ current }) => current !== undefined)
    expect(problemOf(named)).toBe('~/mesh does not exist')
  })

  it('is looked at now and then too, where changes are not told', async () => {
    write('config', config('enabled'))
    const source = start({ config: path.join(folder, 'config'), pollInterval: 20 })
    await settled(source, ({ current }) => current !== undefined)
    // The folder that is watched is not the one that the change is in.
    renameSync(folder, `${folder}-old`)
    mkdirSync(folder)
    write('config', config('disabled'))
    await settled(source, (one) => policyOf(one) === 'disabled')
    rmSync(`${folder}-old`, { recursive: true, force: true })
  })

  it('can be the built-in one', async () => {
    const source = start({})
    await settled(source, ({ current }) => current !== undefined)
    expect(source.current?.sources).toEqual({})
  })
})
