import { readdirSync, readFileSync } from 'node:fs'
import { applyPatch, type Json, parseYaml } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { configMap, configuration, mesh, values } from '../../testing/configuration.ts'
import { type RunSettings, type Workspace, workspace } from '../../testing/workspace.ts'

const web = `# The front.
apiVersion: apps/v1
kind: Deployment
metadata:
    name: web   # four spaces here

spec:
    selector: {matchLabels: {app: web}}
    template:
        metadata:
            labels: {app: web}
        spec:
            containers:
              # the application
              - name: app
                image: 'app:1'
`
const service = `kind:   Service # untouched\nspec: { a:   b }\n`
const optedOut = `kind: Pod\nmetadata: {name: out, namespace: shop, labels: {sidecar.istio.io/inject: "false"}}\nspec: {containers: [{name: a}]}\n`

const files = { 'config.yaml': configuration, 'values.yaml': values, 'mesh.yaml': mesh, 'cm.yaml': configMap }
const flags = ['--injectConfigFile', 'config.yaml', '--valuesFile', 'values.yaml', '--meshConfigFile', 'mesh.yaml']

/** `proa inject` with the small configuration. */
function inject(space: Workspace, args: readonly string[], settings?: RunSettings) {
  return space.proa(['inject', ...flags, ...args], settings)
}

describe('proa inject', () => {
  it('adds the sidecar and leaves every other character alone', async () => {
    const space = workspace({ ...files, 'all.yaml': `${web}---\n${service}` })
    const { code, stdout, stderr } = await inject(space, ['-f', 'all.yaml'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchSnapshot()
    const added = stdout.split('\n').filter((line) => !`${web}---\n${service}`.split('\n').includes(line))
    expect(added.join('\n')).toContain('image: example.com/proxy:t1')
    expect(stdout.endsWith(`---\n${service}`)).toBe(true)
  })

  it('prints a diff that says the same', async () => {
    const space = workspace({ ...files, 'web.yaml': web })
    const { stdout } = await inject(space, ['-f', 'web.yaml', '--diff'])
    expect(stdout).toMatchSnapshot()
    expect((await inject(space, ['-f', 'web.yaml', '--diff'], { isTTY: true })).stdout).toContain('\u001b[32m+')
  })

  it('injects nothing twice: --check has nothing to say about its own output', async () => {
    const space = workspace({ ...files, 'web.yaml': web })
    const check = await inject(space, ['-f', 'web.yaml', '--check'])
    expect(check).toEqual({ code: 1, stdout: 'Deployment web (web.yaml) would be injected\n', stderr: '' })
    const once = (await inject(space, ['-f', 'web.yaml'])).stdout
    expect(await inject(space, ['-f', '-', '--check'], { stdin: once })).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('writes to a file, and writes files back', async () => {
    const space = workspace({ ...files, 'm/web.yaml': web, 'm/service.yaml': service })
    const { stdout } = await inject(space, ['-f', 'm/web.yaml'])
    expect(await inject(space, ['-f', 'm/web.yaml', '-o', 'out.yaml'])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect(space.read('out.yaml')).toBe(stdout)
    expect(await inject(space, ['-f', 'm', '--in-place'])).toEqual({ code: 0, stdout: '', stderr: '' })
    expect([space.read('m/web.yaml'), space.read('m/service.yaml')]).toEqual([stdout, service])
    expect(readdirSync(`${space.folder}/m`).sort()).toEqual(['service.yaml', 'web.yaml'])
  })

  it('joins files with a document marker', async () => {
    const space = workspace({ ...files, 'a.yaml': 'kind: A', 'b.yaml': '---\nkind: B\n', 'c.yaml': 'kind: C\n' })
    const { stdout } = await inject(space, ['-f', 'a.yaml', '-f', 'b.yaml', '-f', 'c.yaml'])
    expect(stdout).toBe('kind: A\n---\nkind: B\n---\nkind: C\n')
  })

  it('keeps JSON as JSON and reaches into lists', async () => {
    const pod = { kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'app', image: 'app' }] } }
    const list = `${JSON.stringify({ kind: 'List', apiVersion: 'v1', items: [{ kind: 'Service' }, pod] }, null, 4)}\n`
    const space = workspace({ ...files, 'list.json': list })
    const { stdout } = await inject(space, ['-f', 'list.json'])
    const result = JSON.parse(stdout) as { items: { spec: { containers: { name: string }[] } }[] }
    expect(result.items[1]?.spec.containers.map(({ name }) => name)).toEqual(['app', 'istio-proxy'])
    expect(stdout.startsWith(list.slice(0, list.indexOf('"kind": "Pod"')))).toBe(true)
  })

  it('prints JSON: one object as it is, several as a List', async () => {
    const space = workspace({ ...files, 'web.yaml': web, 'all.yaml': `${web}---\n${service}` })
    const one: Json = JSON.parse((await inject(space, ['-f', 'web.yaml', '-o', 'json'])).stdout)
    expect(one).toEqual(parseYaml((await inject(space, ['-f', 'web.yaml'])).stdout))
    const all: Json = JSON.parse((await inject(space, ['-f', 'all.yaml', '--output', 'json'])).stdout)
    expect(all).toEqual({ apiVersion: 'v1', kind: 'List', items: [one, parseYaml(service)] })
  })

  it('takes the ConfigMap of the injector wherever a file is meant, and flags in both spellings', async () => {
    const space = workspace({ ...files, 'web.yaml': web })
    const expected = (await space.proa(['inject', ...flags, '-f', 'web.yaml'])).stdout
    for (const args of [
      ['--injectConfigFile', 'cm.yaml'],
      ['--injectConfigFile', 'cm.yaml', '--valuesFile', 'cm.yaml'],
      ['--inject-config-file', 'config.yaml', '--values-file', 'values.yaml', '--mesh-config-file', 'mesh.yaml'],
    ]) {
      expect((await space.proa(['inject', ...args, '-f', 'web.yaml'])).stdout).toBe(expected)
    }
  })

  it('has a configuration of its own', async () => {
    const { stdout, code } = await workspace({ 'web.yaml': web }).proa(['inject', '-f', 'web.yaml'])
    expect(code).toBe(0)
    expect(stdout).toContain('name: istio-proxy')
    expect(stdout).toContain('name: istio-init')
  })
})

describe('what proa inject does not inject', () => {
  it('says with --origins where each field came from, beside the manifest', async () => {
    const space = workspace({ ...files, 'web.yaml': web })
    const plain = await inject(space, ['-f', 'web.yaml'])
    const { code, stdout, stderr } = await inject(space, ['-f', 'web.yaml', '--origins'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: plain.stdout })
    expect(stderr).toMatch(/^Deployment web \(web\.yaml\)\n/)
    expect(stderr).toMatch(/container istio-proxy \(added\): template sidecar, lines? \d+/)
    expect(stderr).toContain('sidecar.istio.io/status by metadata')
  })

  it('warns like kube-inject about what is skipped; --strict fails then', async () => {
    const space = workspace({ ...files, 'out.yaml': optedOut })
    const notice = '===> Skipping injection because Pod "shop/out" has sidecar injection disabled\n'
    expect(await inject(space, ['-f', 'out.yaml'])).toEqual({ code: 0, stdout: optedOut, stderr: notice })
    expect(await inject(space, ['-f', 'out.yaml', '--strict'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `${notice}error: --strict: the workload named above would stay without a sidecar; nothing was written\n`,
    })
  })

  it('decides like the webhook when asked to', async () => {
    const never = optedOut.replace('sidecar.istio.io/inject: "false"', 'never: inject')
    const space = workspace({ ...files, 'never.yaml': never })
    expect((await inject(space, ['-f', 'never.yaml'])).stdout).toContain('istio-proxy')
    expect((await inject(space, ['-f', 'never.yaml', '--as-webhook'])).stdout).toBe(never)
    const system = never.replace('never: inject', 'a: b').replace('namespace: shop', 'namespace: kube-system')
    const args = ['-f', '-', '--as-webhook']
    expect((await inject(space, args, { stdin: system })).stdout).toBe(system)
  })

  it('warns about a kind that it does not know but that holds a Pod; --workload names the place', async () => {
    const custom = `apiVersion: example.com/v1\nkind: Task\nmetadata: {name: t}\nspec:\n  run:\n    spec:\n      containers:\n      - name: a\n`
    const space = workspace({ ...files, 't.yaml': custom })
    const passed = await inject(space, ['-f', 't.yaml'])
    expect(passed).toMatchObject({ code: 0, stdout: custom })
    expect(passed.stderr).toContain('holds a Pod at spec.run\n  To inject it, add --workload Task.example.com=spec.run')
    expect((await inject(space, ['-f', 't.yaml', '--strict'])).code).toBe(1)
    const injected = await inject(space, ['-f', 't.yaml', '--strict', '--workload', 'Task.example.com=spec.run'])
    expect(injected).toMatchObject({ code: 0, stderr: '' })
    expect(injected.stdout).toContain('image: example.com/proxy:t1')
  })

  it('leaves a Rollout alone whose Pod is that of a Deployment', async () => {
    const rollout =
      'apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {workloadRef: {kind: Deployment, name: a}}\n'
    const space = workspace({ ...files, 'r.yaml': rollout })
    expect(await inject(space, ['-f', 'r.yaml', '--strict'])).toEqual({ code: 0, stdout: rollout, stderr: '' })
  })

  it('knows Argo Rollouts and Knative Services', async () => {
    const kinds = ['argoproj.io/v1alpha1 Rollout', 'serving.knative.dev/v1 Service'].map((name) => {
      const [apiVersion, kind] = name.split(' ')
      return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a}]}}}\n`
    })
    const space = workspace({ ...files, 'a.yaml': kinds.join('---\n') })
    const { stdout } = await inject(space, ['-f', 'a.yaml', '--strict'])
    expect(stdout.match(/name: istio-proxy/g)).toHaveLength(2)
  })
})

describe('errors of proa inject', () => {
  it('names file, document, path and line of an invalid annotation, and writes nothing', async () => {
    const bad = web.replace(
      'labels: {app: web}\n',
      'labels: {app: web}\n            annotations:\n                a: b\n                traffic.sidecar.istio.io/excludeInboundPorts: x\n',
    )
    const space = workspace({ ...files, 'm.yaml': `${web}---\n${bad}` })
    const result = await inject(space, ['-f', 'm.yaml', '--in-place'])
    expect(result).toMatchObject({ code: 2, stdout: '' })
    const text = space.read('m.yaml')
    const line = text.slice(0, text.indexOf('traffic.sidecar')).split('\n').length
    expect(result.stderr).toContain(
      `error: m.yaml:${line}, document 2, Deployment web, spec.template.metadata.annotations[`,
    )
    expect(result.stderr).toContain("'traffic.sidecar.istio.io/excludeInboundPorts'")
    expect(space.read('m.yaml')).toBe(`${web}---\n${bad}`)
  })

  it('names the place of a template that is wrong', async () => {
    const space = workspace({
      ...files,
      'web.yaml': web,
      'bad.yaml': configuration.replace('.Values.global.hub', '.Values.global.hub | nosuch'),
    })
    const result = await space.proa(['inject', '-f', 'web.yaml', '--injectConfigFile', 'bad.yaml'])
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain('bad.yaml:')
    expect(result.stderr).toContain('function "nosuch" not defined')
  })

  it('names file and line of what is not YAML', async () => {
    const space = workspace({ ...files, 'm.yaml': 'kind: A\n---\nkind: B\n  x: y\n' })
    const result = await inject(space, ['-f', 'm.yaml'])
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toMatch(/^error: m\.yaml:4:\d+, document 2: this is not YAML: /)
  })
})

describe('proa uninject', () => {
  it('gives back the file that was injected', async () => {
    const space = workspace({ ...files, 'web.yaml': `${web}---\n${service}` })
    for (const args of [flags, []]) {
      const injected = (await space.proa(['inject', ...args, '-f', 'web.yaml'])).stdout
      expect(injected).not.toBe(space.read('web.yaml'))
      const restored = await space.proa(['uninject', '-f', '-'], { stdin: injected })
      expect(restored).toEqual({ code: 0, stdout: space.read('web.yaml'), stderr: '' })
    }
  })

  it('leaves alone what was not injected', async () => {
    const { proa } = workspace({ 'web.yaml': web })
    expect(await proa(['uninject', '-f', 'web.yaml', '--check'])).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})

const examples = new URL('../../../../examples/', import.meta.url)

it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))(
  'comes to what the example %s says of itself',
  async (name) => {
    const text = readFileSync(new URL(name, examples), 'utf8')
    const { proa } = workspace({ [name]: text })
    const explained = JSON.parse((await proa(['explain', '-f', name, '-o', 'json'])).stdout) as { injected: boolean }[]
    const expected = [...text.matchAll(/^# expect: (\w+)$/gm)].map(([, word]) => word)
    expect(explained.map(({ injected }) => (injected ? 'injected' : 'skipped'))).toEqual(expected)
  },
)

// The patch itself is proven in the injector; here it must arrive in the text.
it('prints what the patch of the engine makes', async () => {
  const { injectWorkload, loadConfiguration } = await import('@proa/injector')
  const space = workspace({ 'web.yaml': web })
  const object = parseYaml(web) as Parameters<typeof injectWorkload>[0]
  const result = injectWorkload(object, loadConfiguration(), { mode: 'manual' })
  if (result.kind !== 'injected') throw new Error(result.kind)
  expect(parseYaml((await space.proa(['inject', '-f', 'web.yaml'])).stdout)).toEqual(applyPatch(object, result.patch))
})
