import { describe, expect, it } from 'vitest'
import { workspace } from '../../testing/workspace.ts'

const CONFIGURATION = `apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector, labels: { app: sidecar-injector } }
webhooks:
  - name: namespace.sidecar-injector.istio.io
    admissionReviewVersions: [v1]
    sideEffects: None
    clientConfig: { service: { name: istiod, namespace: istio-system, path: /inject } }
    rules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods] }]
    namespaceSelector: { matchLabels: { istio-injection: enabled } }
`
const SHOP = `apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
`
const CART = `apiVersion: apps/v1
kind: Deployment
metadata: { name: cart, namespace: shop }
spec:
  selector: { matchLabels: { app: cart } }
  template:
    metadata: { labels: { app: cart } }
    spec: { containers: [{ name: cart, image: cart }] }
`
const FILES = { 'webhooks.yaml': CONFIGURATION, 'shop/namespace.yaml': SHOP, 'shop/cart.yaml': CART }
const GIVEN = ['-f', 'webhooks.yaml', '-f', 'shop']
const NO_HOST =
  'failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post ' +
  '"https://istiod.istio-system.svc:443/inject?timeout=10s": dial tcp: lookup istiod.istio-system.svc: no such host'

const doctor = (...args: readonly string[]) => workspace(FILES).proa(['doctor', ...args])

describe('proa doctor with files', () => {
  it('says what is wrong, with evidence and a fix, and what it could not look at', async () => {
    const { code, stdout, stderr } = await doctor(...GIVEN)
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toContain('✗ error INJ201  MutatingWebhookConfiguration istio-sidecar-injector')
    expect(stdout).toContain('webhooks[0].clientConfig.caBundle')
    expect(stdout).toMatch(/^ {2}shop +enabled/m)
    expect(stdout).toMatch(/\? not among the given files: Service/)
    expect(stdout).toMatch(/ · exit code 2\n$/)
  })

  it('answers in Chinese', async () => {
    const { stdout } = await doctor(...GIVEN, '--lang', 'zh')
    expect(stdout).toContain('✗ 错误 INJ201')
    expect(stdout).toMatch(/ · 退出码 2\n$/)
  })

  it('reads standard input', async () => {
    const { proa } = workspace()
    const { code, stdout } = await proa(['doctor', '-f', '-', '-o', 'json'], { stdin: CONFIGURATION })
    expect(code).toBe(2)
    const report = JSON.parse(stdout)
    expect(report.exitCode).toBe(2)
    expect(report.findings.find(({ id }: { id: string }) => id === 'INJ201')).toMatchObject({
      severity: 'error',
      object: { kind: 'MutatingWebhookConfiguration', namespace: '', name: 'istio-sidecar-injector' },
    })
  })

  it('runs only the checks that are named, several ways to write them', async () => {
    for (const given of [
      ['--check', 'inj201', 'INJ101'],
      ['--check', 'INJ201,INJ101'],
      ['--check=INJ201', '--check=INJ101'],
    ]) {
      const { stdout } = await doctor(...GIVEN, ...given, '-o', 'json')
      expect(JSON.parse(stdout).checks).toEqual(['INJ101', 'INJ201'])
    }
    expect((await doctor(...GIVEN, '--check', 'INJ209')).code).toBe(3)
  })

  it('begins with the trace of the workload that it is asked about, named in any way', async () => {
    for (const words of [
      ['deploy', 'shop/cart'],
      ['deployment/cart', '-n', 'shop'],
    ]) {
      const { stdout } = await doctor(...words, ...GIVEN)
      expect(stdout).toMatch(/^Deployment shop\/cart: A new Pod would be: /)
      expect(stdout).toContain('namespace.sidecar-injector.istio.io: called')
    }
  })

  it('tells that the target is not there, and what may have been meant', async () => {
    const { code, stdout } = await doctor('deploy', 'shop/crat', ...GIVEN)
    expect(code).toBe(3)
    expect(stdout).toMatch(/^there is no Deployment shop\/crat\n {2}Did you mean: Deployment shop\/cart\n/)
  })

  it('shows where in the files the objects stand', async () => {
    const { stdout } = await doctor(...GIVEN, '-o', 'sarif')
    const [run] = JSON.parse(stdout).runs
    const result = run.results.find(({ ruleId }: { ruleId: string }) => ruleId === 'INJ201')
    expect(result.locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'webhooks.yaml' },
      region: { startLine: 1 },
    })
  })

  it.each([
    ['junit', '<testsuites name="proa doctor"'],
    ['markdown', '**proa doctor** · '],
  ])('prints %s', async (format, start) => {
    const { code, stdout } = await doctor(...GIVEN, '-o', format)
    expect(code).toBe(2)
    expect(stdout).toContain(start)
  })

  it('does not let names steer the terminal', async () => {
    const { proa } = workspace({ 'a.yaml': CONFIGURATION.replace('istio-sidecar-injector', '"a\\e[2Jb"') })
    for (const format of ['text', 'markdown']) {
      const { stdout } = await proa(['doctor', '-f', 'a.yaml', '-o', format])
      expect(stdout).toContain('\\x1b[2J')
      expect(stdout).not.toContain('\x1b')
    }
  })

  it('prints the changes that would repair something, each once, and makes none', async () => {
    const both = SHOP.replace('labels: { ', 'labels: { istio.io/rev: canary, ')
    const { proa } = workspace({ ...FILES, 'shop/namespace.yaml': both })
    const { stdout } = await proa(['doctor', ...GIVEN, '--fix', '--dry-run'])
    expect(stdout).toContain('(none is made: --dry-run)\n\n1. Namespace shop: merge patch (INJ106)\n')
    expect(stdout).toContain(
      '   metadata:\n     labels:\n       istio.io/rev: null\n   $ kubectl patch namespace shop ',
    )
    expect(stdout).toMatch(
      /By hand:\n {2}# INJ\d+ .*\n {2}kubectl -n istio-system rollout restart deployment\/istiod\n/,
    )
  })

  it('fails with 3 when there is nothing to look at', async () => {
    expect(await doctor('-f', 'missing.yaml')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('missing.yaml: there is no such file or folder'),
    })
    const { code, stderr } = await workspace().proa(['doctor', '--kubeconfig', 'none'])
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('there is no such file') })
  })

  it.each([
    [
      ['shop/cart'],
      'is nothing that the doctor can be asked about\n  Say of what kind it is: proa doctor pod shop/cart',
    ],
    [['--check', 'pod'], 'there is no check "pod"'],
    [['-f', 'shop', '--fix'], '--fix changes a cluster, not files'],
    [['-f', 'shop', '--wait'], '--wait needs a cluster'],
    [['--fix'], '--fix asks before each change, and here is no terminal'],
    [['--fix', '--yes', '-o', 'json'], '--fix speaks to people'],
    [['--dry-run'], '--dry-run says how --fix goes'],
    [['--message', 'x', '-o', 'sarif'], 'a message is not explained as sarif'],
    [['-f', '-', '--message', '-'], 'standard input can be read only once'],
    [['explain', 'INJ999'], 'there is no check "INJ999"\n  "proa doctor list" shows all checks.'],
    [['snapshot', '-o', 'x.txt'], 'Choose a name that ends with .json'],
    [['--wait=soon'], 'Write it as 90s or 5m.'],
  ])('refuses %j with exit code 64', async (args, message) => {
    const { code, stdout, stderr } = await doctor(...args)
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('proa doctor --message', () => {
  it('explains a message without any cluster', async () => {
    const { code, stdout } = await doctor('--message', NO_HOST)
    expect(code).toBe(0)
    expect(stdout).toContain('service istio-system/istiod:443 · timeout 10s')
    expect(stdout).toMatch(/proa doctor --check INJ151 /)
    expect((await doctor('--message', NO_HOST, '--lang', 'zh')).stdout).toContain('能找出原因的检查')
  })

  it('reads it from standard input, and runs the checks over what is given', async () => {
    const { proa } = workspace(FILES)
    const given = ['doctor', '--message', '-', ...GIVEN, '-o', 'json']
    const { stdout } = await proa(given, { stdin: 'x509: certificate signed by unknown authority' })
    const { messages, findings, exitCode } = JSON.parse(stdout)
    expect(messages).toMatchObject([{ code: 'unknown-authority', verdict: expect.any(String) }])
    expect(findings.map(({ id }: { id: string }) => id)).toContain('INJ201')
    expect(exitCode).toBe(2)
  })

  it('says when it knows no such message', async () => {
    expect(await doctor('--message', 'hello')).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('No message of an API server'),
    })
    expect(JSON.parse((await doctor('--message', 'hello', '-o', 'json')).stdout)).toEqual({
      messages: [],
      findings: [],
      notEvaluated: [],
      exitCode: 3,
    })
  })
})

describe('proa doctor list and explain', () => {
  it('print the catalogue, flags of their own behind them', async () => {
    expect((await doctor('list')).stdout).toMatch(/^ {2}INJ201 {2}✗ error +caBundle is empty$/m)
    expect((await doctor('list', '--lang', 'zh')).stdout).toMatch(/^ {2}INJ201 {2}✗ 错误 +caBundle 为空$/m)
    expect((await doctor('explain', 'inj201')).stdout).toMatch(/^INJ201 caBundle is empty\n/)
    expect((await doctor('explain', 'INJ201', '--lang', 'zh')).stdout).toMatch(/^INJ201 caBundle 为空\n/)
    expect(JSON.parse((await doctor('explain', 'INJ201', '-o', 'json')).stdout)).toMatchObject({
      id: 'INJ201',
      needs: expect.arrayContaining(['admissionregistration.k8s.io/v1 MutatingWebhookConfiguration']),
      docs: 'docs/checks.md#inj201',
    })
  })
})
