import { describe, expect, it } from 'vitest'
import { workspace } from '../../testing/workspace.ts'

const pod = (name: string, labels = '') =>
  `kind: Pod\nmetadata:\n  name: ${name}\n  namespace: shop\n  labels: {${labels}}\nspec:\n  containers:\n  - name: app\n    image: app\n`
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {hostNetwork: true, containers: [{name: app, image: app}]}
`
const optedOut = pod('out', 'sidecar.istio.io/inject: "false"')

describe('proa explain', () => {
  it('prints one JSON entry for each workload in document order', async () => {
    const list = `kind: List\nitems:\n- ${pod('in').replaceAll('\n', '\n  ').trimEnd()}\n- kind: Service\n`
    const { proa } = workspace({ 'a.yaml': `${list}---\n${optedOut}---\n${deployment}` })
    const { code, stdout, stderr } = await proa(['explain', '-f', 'a.yaml', '-o', 'json'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const entries = JSON.parse(stdout) as Record<string, unknown>[]
    expect(
      entries.map(({ kind, namespace, name, injected, reason }) => [kind, namespace, name, injected, reason]),
    ).toEqual([
      ['Pod', 'shop', 'in', true, 'PolicyEnabled'],
      ['Pod', 'shop', 'out', false, 'InjectLabelFalse'],
      ['Deployment', '', 'web', false, 'HostNetwork'],
    ])
    for (const { steps } of entries)
      expect(steps).toEqual(expect.arrayContaining([expect.objectContaining({ deciding: true })]))
  })

  it('marks the deciding step and says what would turn it round, in both languages', async () => {
    const { proa } = workspace({ 'a.yaml': optedOut })
    const english = (await proa(['explain', '-f', 'a.yaml'])).stdout
    expect(english).toContain('Pod shop/out')
    expect(english).toMatch(/▶ \d\. .*sidecar\.istio\.io\/inject/)
    const chinese = (await proa(['explain', '-f', 'a.yaml', '--lang', 'zh'])).stdout
    expect(chinese).toMatch(/\p{Script=Han}/u)
    expect(english).not.toMatch(/\p{Script=Han}/u)
  })

  it('paints only for a terminal', async () => {
    const { proa } = workspace({ 'a.yaml': optedOut })
    expect((await proa(['explain', '-f', 'a.yaml'], { isTTY: true })).stdout).toContain('\u001b[')
    expect((await proa(['explain', '-f', 'a.yaml'], { isTTY: true, env: { NO_COLOR: '1' } })).stdout).not.toContain(
      '\u001b[',
    )
  })

  it('says which kinds it does not know although they hold a Pod', async () => {
    const task = `apiVersion: example.com/v1\nkind: Task\nspec:\n  run:\n    spec: {containers: [{name: app, image: app}]}\n`
    const { proa } = workspace({ 't.yaml': task })
    const { code, stdout, stderr } = await proa(['explain', '-f', 't.yaml', '-o', 'json'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[]\n' })
    expect(stderr).toContain(
      'so it is not explained, although it holds a Pod at spec.run\n  To explain it, add --workload',
    )
  })

  it('shows control characters of names instead of sending them to the terminal', async () => {
    const { proa } = workspace({ 'a.yaml': pod('"x\\e[2J"') })
    const coloured = workspace({ 'a.yaml': pod('"x\\e[31m"') })
    expect((await coloured.proa(['explain', '-f', 'a.yaml'])).stdout).toContain('x\\x1b[31m')
    for (const settings of [{}, { isTTY: true }]) {
      expect((await proa(['explain', '-f', 'a.yaml'], settings)).stdout).toContain('x\\x1b[2J')
    }
  })

  it('refuses a file that holds something else than what the flag asks for; an empty List says that there is none', async () => {
    const { proa } = workspace({ 'a.yaml': optedOut, 'text.yaml': 'hello', 'none.yaml': 'kind: List\nitems: []\n' })
    const wrong = await proa(['explain', '-f', 'a.yaml', '--namespaces', 'text.yaml'])
    expect(wrong).toMatchObject({ code: 2, stderr: 'error: text.yaml: the file holds no object of kind Namespace\n' })
    expect((await proa(['explain', '-f', 'a.yaml', '--namespaces', 'none.yaml'])).code).toBe(0)
  })

  it('draws a flowchart', async () => {
    const { proa } = workspace({ 'a.yaml': optedOut })
    expect((await proa(['explain', '-f', 'a.yaml', '-o', 'mermaid'])).stdout).toMatch(/^flowchart TD\n/)
  })

  it('exits with 1 when a workload is not as expected', async () => {
    const { proa } = workspace({ 'a.yaml': `${pod('in')}---\n${optedOut}`, 'service.yaml': 'kind: Service\n' })
    const injected = await proa(['explain', '-f', 'a.yaml', '--expect', 'injected'])
    expect(injected.code).toBe(1)
    expect(injected.stderr).toBe(
      'error: a.yaml:11, document 2, Pod shop/out: expected injected, but it is skipped (InjectLabelFalse)\n',
    )
    expect((await proa(['explain', '-f', 'a.yaml', '--expect', 'skipped'])).code).toBe(1)
    expect((await proa(['explain', '-f', '-', '--expect', 'skipped'], { stdin: optedOut })).code).toBe(0)
    expect((await proa(['explain', '-f', 'service.yaml', '--expect', 'skipped'])).code).toBe(1)
  })

  it('shows which webhooks the cluster would call, by the labels of namespaces', async () => {
    const webhooks = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: istio-sidecar-injector, labels: {app: sidecar-injector, istio.io/rev: default}}
webhooks:
- name: namespace.sidecar-injector.istio.io
  clientConfig: {service: {name: istiod, namespace: istio-system, path: /inject}}
  rules: [{operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods]}]
  namespaceSelector: {matchLabels: {istio-injection: enabled}}
`
    const namespace = (label: string) =>
      `kind: Namespace\nmetadata: {name: shop, labels: {istio-injection: ${label}}}\n`
    const files = {
      'w.yaml': webhooks,
      'on.yaml': namespace('enabled'),
      'off.yaml': namespace('disabled'),
      'p.yaml': pod('in'),
    }
    const { proa } = workspace(files)
    const explain = async (...args: string[]) => {
      const { stdout } = await proa(['explain', '-o', 'json', '--webhooks', 'w.yaml', ...args])
      return (JSON.parse(stdout) as { injected: boolean; reason: string }[]).map(({ injected, reason }) => [
        injected,
        reason,
      ])
    }
    expect(await explain('-f', 'p.yaml', '--namespaces', 'on.yaml')).toEqual([[true, 'PolicyEnabled']])
    expect(await explain('-f', 'p.yaml', '--namespaces', 'off.yaml')).toEqual([[false, 'NoWebhookCalled']])
    // Namespaces among the manifests count too.
    expect(await explain('-f', 'off.yaml', '-f', 'p.yaml')).toEqual([[false, 'NoWebhookCalled']])
  })

  it('follows the release that is asked for', async () => {
    const { proa } = workspace({ 'a.yaml': pod('odd', 'sidecar.istio.io/inject: "maybe"') })
    const reason = async (compat: string) => {
      const { stdout } = await proa(['explain', '-f', 'a.yaml', '-o', 'json', '--compat', compat])
      return (JSON.parse(stdout) as { reason: string }[])[0]?.reason
    }
    expect(await reason('current')).toBe('PolicyEnabled')
    expect(await reason('1.21')).toBe('InjectLabelFalse')
    expect(await reason('1.8')).toBe('PolicyEnabled')
    const wrong = await proa(['explain', '-f', 'a.yaml', '--compat', 'newest'])
    expect(wrong).toMatchObject({ code: 2, stdout: '' })
    expect(wrong.stderr).toContain('--compat: "newest" is no Istio release that is known')
  })

  it('says where a workload without a template is', async () => {
    const { proa } = workspace({ 'a.yaml': 'a: 1\n---\nkind: Deployment\nmetadata: {name: x}\nspec:\n  replicas: 1\n' })
    expect(await proa(['explain', '-f', 'a.yaml'])).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'error: a.yaml:5, document 2, Deployment x, spec.template: spec.template is required value\n  a workload without a Pod template creates no Pods\n',
    })
  })

  it('says that there is nothing to explain', async () => {
    const { proa } = workspace({ 's.yaml': 'kind: Service\n' })
    expect((await proa(['explain', '-f', 's.yaml'])).stdout).toBe('There is no workload in the input.\n')
    expect((await proa(['explain', '-f', 's.yaml', '-o', 'json'])).stdout).toBe('[]\n')
  })
})
