import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type JsonObject, parseYaml, parseYamlDocuments } from '@proa/kube'
import { installationManifests } from '@proa/manifests'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { configMap } from '../../testing/configuration.ts'
import { testContext, workspace } from '../../testing/workspace.ts'
import { addWebhookCommand } from './webhook.ts'

describe('proa manifests', () => {
  it('prints all objects, as YAML or as a list in JSON', async () => {
    const { proa } = workspace()
    const yaml = await proa(['manifests', '-r', 'canary', '--tag', 'prod', '--guard', 'deny,audit'])
    expect(yaml).toMatchObject({ code: 0, stderr: '' })
    const wanted = installationManifests({
      revision: 'canary',
      tags: ['prod'],
      guard: { actions: ['Deny', 'Audit'] },
    })
    expect(parseYamlDocuments(yaml.stdout).map(({ value }) => value)).toEqual(wanted)
    const json = await proa(['manifests', '-r', 'canary', '-o', 'json'])
    expect(JSON.parse(json.stdout)).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: installationManifests({ revision: 'canary' }),
    })
  })

  it('writes one file for each object, whose names keep the order', async () => {
    const { proa, folder, read } = workspace()
    const { stdout } = await proa(['manifests', '-o', 'out'])
    const names = readdirSync(join(folder, 'out')).sort()
    expect(stdout.trim().split('\n')).toEqual(names.map((name) => `out/${name}`))
    expect(names[0]).toBe('01-namespace-istio-system.yaml')
    expect(names.map((name) => parseYaml(read(`out/${name}`)))).toEqual(installationManifests())
  })

  it('takes the user’s configuration, also from a ConfigMap as kubectl prints it', async () => {
    const { proa } = workspace({ 'map.yaml': configMap })
    const { stdout } = await proa(['manifests', '--injectConfigFile', 'map.yaml'])
    const maps = parseYamlDocuments(stdout).filter(({ value }) => (value as JsonObject).kind === 'ConfigMap')
    expect(maps[0]?.value).toMatchObject({ data: { config: expect.stringContaining('neverInjectSelector') } })
  })

  it('prints no configuration that the injector could not load', async () => {
    const { proa } = workspace({ 'bad.yaml': 'policy: enabled\ntemplates:\n  sidecar: "{{ .Nope | nope }}"\n' })
    const { code, stdout, stderr } = await proa(['manifests', '--injectConfigFile', 'bad.yaml'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('bad.yaml')
  })

  it('starts the injector with flags that "proa webhook" has', () => {
    const context = testContext('/', {}, { stdout: '', stderr: '' })
    const program = new Command().exitOverride()
    addWebhookCommand(program, context, () => {})
    const options = installationManifests({ workers: 2 }).find(({ kind }) => kind === 'Deployment') as unknown as {
      spec: { template: { spec: { containers: { args: string[] }[] } } }
    }
    const [name, ...args] = options.spec.template.spec.containers[0]?.args ?? []
    const webhook = program.commands.find((command) => command.name() === name)
    expect(webhook?.parseOptions(args)).toEqual({ operands: [], unknown: [] })
    expect(webhook?.opts()).toMatchObject({ revision: 'default', workers: 2, httpsAddress: { port: 15017 } })
  })
})

it.each([
  ['install'],
  ['uninstall'],
  ['manifests'],
  ['tag'],
  ['tag', 'set'],
  ['tag', 'generate'],
  ['tag', 'list'],
  ['tag', 'remove'],
])('prints its help: %s %s', async (...command) => {
  const result = await workspace().proa([...command.filter((word) => word !== undefined), '--help'])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout).toMatchSnapshot()
})
