import type { JsonObject } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testCluster } from '../../testing/cluster.ts'
import { listAt, textAt } from './objects.ts'

const ADMISSION = 'admissionregistration.k8s.io/v1'
const webhooks = (name: string) => ({ apiVersion: ADMISSION, kind: 'MutatingWebhookConfiguration', name })

/** Stands in for the injector: writes a caBundle into all webhooks as soon as they are there. */
function keepBundles(client: KubeClient): void {
  const ended = new AbortController()
  onTestFinished(() => ended.abort())
  const list = { apiVersion: ADMISSION, kind: 'MutatingWebhookConfiguration' }
  const follow = async (): Promise<void> => {
    for await (const event of client.watch({ ...list, resourceVersion: '0' }, ended.signal)) {
      if (event.type === 'BOOKMARK' || event.type === 'DELETED') continue
      const entries = listAt(event.object, 'webhooks')
      if (entries.every((entry) => textAt(entry, 'clientConfig', 'caBundle') !== '')) continue
      const operations = entries.map((_, index) => ({
        op: 'add' as const,
        path: `/webhooks/${index}/clientConfig/caBundle`,
        value: btoa('-----BEGIN CERTIFICATE-----'),
      }))
      await client.patch(webhooks(textAt(event.object, 'metadata', 'name')), { type: 'json', operations })
    }
  }
  void follow().catch(() => {})
}

/** An injector as Istio's charts bring it. */
function istioWebhooks(name: string, revision: string): JsonObject {
  const entry = (prefix: string, label: string, value: string): JsonObject => ({
    name: `${prefix}sidecar-injector.istio.io`,
    clientConfig: {
      service: { name: 'istiod', namespace: 'istio-system', path: '/inject', port: 443 },
      caBundle: 'AAAA',
    },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
    namespaceSelector: { matchExpressions: [{ key: label, operator: 'In', values: [value] }] },
    objectSelector: {},
    sideEffects: 'None',
    failurePolicy: 'Ignore',
    admissionReviewVersions: ['v1'],
  })
  return {
    apiVersion: ADMISSION,
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, labels: { 'istio.io/rev': revision, app: 'sidecar-injector' } },
    webhooks: [entry('rev.namespace.', 'istio.io/rev', revision), entry('namespace.', 'istio-injection', 'enabled')],
  }
}

const configMap = (name: string, data: Record<string, string>): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'istio-system' },
  data,
})
const namespace = (name: string, labels: Record<string, string> = {}): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
})

async function withIstio() {
  const given = await testCluster()
  await given.client.create(namespace('istio-system'))
  await given.client.create(
    configMap('istio-sidecar-injector', { config: 'policy: enabled\ntemplates: {}', values: '{}' }),
  )
  await given.client.create(configMap('istio', { mesh: '{}' }))
  await given.client.create(istioWebhooks('istio-sidecar-injector', 'default'))
  return given
}

describe('proa install', () => {
  it('waits for the injector before it applies the webhooks, and for its root after that', async () => {
    const { proa, client } = await testCluster()
    keepBundles(client)
    const { stdout, stderr, code } = await proa('install', '--no-check')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    const lines = stdout.split('\n').filter((line) => /wait|ready|Webhook|caBundle/.test(line))
    expect(lines).toEqual([
      '… waiting for 2 injectors to be ready',
      '✓ the injector is ready',
      '✓ MutatingWebhookConfiguration istio-sidecar-injector created',
      "✓ MutatingWebhookConfiguration istio-sidecar-injector has the injector's root (caBundle)",
    ])
  })

  it('ends with a Pod that really gets its sidecar, from the injector in its Deployment and through its Service', async () => {
    const { proa, client } = await testCluster({ runsInjector: true })
    const { stdout, stderr, code } = await proa('install', '--tag', 'prod', '--guard', 'deny', '--wait-timeout', '20s')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      '✓ a Pod in namespace "default" (dry run, istio.io/rev=default) gets istio-init, istio-proxy',
    )
    // Again, with everything in place: nothing of what the injector has written is in the way.
    const again = await proa('install', '--tag', 'prod', '--guard', 'deny', '--wait-timeout', '20s')
    expect(again).toMatchObject({ stderr: '', code: 0 })
    expect(again.stdout).not.toMatch(/created|configured/)
    await client.create(namespace('shop', { 'istio.io/rev': 'prod' }))
    const pod = { metadata: { name: 'web', namespace: 'shop' }, spec: { containers: [{ name: 'web', image: 'web' }] } }
    const created = await client.create({ apiVersion: 'v1', kind: 'Pod', ...pod })
    expect(textAt(created, 'metadata', 'annotations', 'sidecar.istio.io/status')).toContain('"revision":"default"')
  })

  it('changes nothing when it is run again, not even what the injector has written', async () => {
    const { proa, client } = await testCluster()
    keepBundles(client)
    await proa('install', '--no-check', '--tag', 'prod')
    const before = await client.get(webhooks('istio-revision-tag-prod'))
    const { stdout, code } = await proa('install', '--no-check', '--tag', 'prod')
    expect(code).toBe(0)
    expect(stdout).not.toMatch(/created|configured/)
    expect(await client.get(webhooks('istio-revision-tag-prod'))).toEqual(before)
  })

  it('takes over a tag that was set by hand without taking its caBundle away for a moment', async () => {
    const { proa, client } = await testCluster()
    keepBundles(client)
    await proa('install', '--no-check')
    await proa('tag', 'set', 'prod', '--revision', 'default')
    const before = await client.get(webhooks('istio-revision-tag-prod'))
    const { stdout, code } = await proa('install', '--no-check', '--tag', 'prod', '--webhook-timeout', '7')
    expect(code).toBe(0)
    expect(stdout).toContain('MutatingWebhookConfiguration istio-revision-tag-prod configured')
    const ended = new AbortController()
    const list = { apiVersion: ADMISSION, kind: 'MutatingWebhookConfiguration' }
    const since = textAt(before, 'metadata', 'resourceVersion')
    const last = await client.get(webhooks('istio-revision-tag-prod'))
    for await (const event of client.watch({ ...list, resourceVersion: since }, ended.signal)) {
      if (event.type === 'BOOKMARK' || textAt(event.object, 'metadata', 'name') !== 'istio-revision-tag-prod') continue
      for (const entry of listAt(event.object, 'webhooks')) {
        expect(textAt(entry, 'clientConfig', 'caBundle')).not.toBe('')
      }
      if (textAt(event.object, 'metadata', 'resourceVersion') === textAt(last, 'metadata', 'resourceVersion')) break
    }
  })

  it('says what it would do, and does nothing, with --dry-run', async () => {
    const { proa, client } = await testCluster()
    const { stdout, stderr, code } = await proa('install', '--dry-run', '-n', 'mesh')
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 })
    expect(
      stdout
        .trim()
        .split('\n')
        .every((line) => line.endsWith('would be created')),
    ).toBe(true)
    expect(await client.find({ apiVersion: 'v1', kind: 'Namespace', name: 'mesh' })).toBeUndefined()
  })

  it('names who has written a field that it would change, and takes it over when it is told to', async () => {
    const { proa, client } = await testCluster()
    await proa('install', '--no-wait')
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'istio-system', name: 'proa-injector' }
    await client.patch(deployment, { type: 'merge', body: { spec: { replicas: 5 } } }, { fieldManager: 'somebody' })
    const { stderr, code } = await proa('install', '--no-wait')
    expect(code).toBe(2)
    expect(stderr).toContain(
      'Deployment istio-system/proa-injector: others have written fields of it: .spec.replicas is owned by "somebody"',
    )
    expect(stderr).toMatch(/\d+ objects were applied before it and stay/)
    expect((await proa('install', '--no-wait', '--force-conflicts')).code).toBe(0)
    expect(await client.get(deployment)).toMatchObject({ spec: { replicas: 2 } })
  })

  it('leaves a ConfigMap as it was edited, unless the user gives a text', async () => {
    const given = await testCluster({ files: { 'mesh.yaml': 'trustDomain: given\n' } })
    const { proa, client } = given
    await proa('install', '--no-wait')
    const map = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name: 'istio' }
    const edit = { type: 'merge', body: { data: { mesh: 'trustDomain: edited\n' } } } as const
    await client.patch(map, edit, { fieldManager: 'kubectl-edit' })
    const { stdout } = await proa('install', '--no-wait')
    expect(stdout).toContain(
      '· ConfigMap istio-system/istio is left as it was edited: .data.mesh is owned by "kubectl-edit"',
    )
    expect((await proa('install', '--no-wait', '--meshConfigFile', 'mesh.yaml')).code).toBe(2)
    expect((await proa('install', '--no-wait', '--meshConfigFile', 'mesh.yaml', '--force-conflicts')).code).toBe(0)
    expect(await client.get(map)).toMatchObject({ data: { mesh: 'trustDomain: given\n' } })
  })

  it('tells that no Pod gets a sidecar when that is so', async () => {
    const { proa, client } = await testCluster()
    keepBundles(client)
    const { stdout, code } = await proa('install', '--failure-policy', 'Ignore', '--wait-timeout', '3s')
    expect(code).toBe(1)
    expect(stdout).toContain('! a Pod in namespace "default" (dry run, istio.io/rev=default) got no sidecar')
  })

  it.each([
    [['--tag', 'default'], '--tag: "default" is the revision itself'],
    [['--revision', '1.30'], '--revision: "1.30" cannot be part of a name in Kubernetes'],
    [['--webhook-timeout', '40'], '--webhook-timeout: 40 is not a whole number from 1 to 30'],
    [['--guard', 'deny,warn'], '--guard: Deny and Warn cannot be combined'],
    [['--guard', 'perhaps'], 'It is deny, warn or audit'],
    [['--config-from', 'x', '--valuesFile', 'y'], '--config-from uses ConfigMaps as they are'],
  ])('refuses %j before the cluster is asked', async (args, message) => {
    const { workspace } = await import('../../testing/workspace.ts')
    const result = await workspace().proa(['install', ...args])
    expect(result).toMatchObject({ code: 64, stdout: '' })
    expect(result.stderr).toContain(message)
  })

  it('says how to name a cluster when there is none', async () => {
    const { workspace } = await import('../../testing/workspace.ts')
    const { code, stderr } = await workspace().proa(['install'])
    expect(code).toBe(2)
    expect(stderr).toContain('Name a cluster with --kubeconfig FILE')
  })
})

describe('beside Istio, and instead of it', () => {
  it('does not take the revision that Istio has, and says what to do', async () => {
    const { proa } = await withIstio()
    const { stderr, code } = await proa('install')
    expect(code).toBe(2)
    expect(stderr).toContain('Beside it:     proa install --revision proa --config-from default\n')
    expect(stderr).toContain('Instead of it: proa install --revision proa --config-from default --default\n')
  })

  it('runs beside it with Istio’s ConfigMaps, which stay untouched like its webhooks', async () => {
    const { proa, client } = await withIstio()
    const kept = async () => [
      await client.list({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'istio-system',
        fieldSelector: 'metadata.name=istio',
      }),
      await client.get(webhooks('istio-sidecar-injector')),
    ]
    const [maps, istio] = await kept()
    const { code, stderr } = await proa('install', '--revision', 'proa', '--config-from', 'default', '--no-wait')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [mapsAfter, istioAfter] = await kept()
    expect(mapsAfter?.items).toEqual(maps?.items)
    expect(istioAfter).toEqual(istio)
  })

  it('does not begin with ConfigMaps that an injector could not load', async () => {
    const { proa, client } = await withIstio()
    const name = 'istio-sidecar-injector'
    const broken = { data: { config: 'policy: enabled\ntemplates:\n  sidecar: "{{ .Values"\n' } }
    await client.patch(
      { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name },
      { type: 'merge', body: broken },
    )
    const { code, stderr } = await proa('install', '--revision', 'proa', '--config-from', 'default', '--no-wait')
    expect(code).toBe(2)
    expect(stderr).toContain(`ConfigMap istio-system/${name}, config`)
    expect(
      await client.find({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        namespace: 'istio-system',
        name: 'proa-injector-proa',
      }),
    ).toBeUndefined()
  })

  it('takes the default over and gives it back', async () => {
    const { proa, client } = await withIstio()
    const istio = await client.get(webhooks('istio-sidecar-injector'))
    const selectors = (object: JsonObject) =>
      listAt(object, 'webhooks').map((entry) => (entry as JsonObject).namespaceSelector)
    const taken = await proa('install', '--revision', 'proa', '--config-from', 'default', '--default', '--no-wait')
    expect(taken.code).toBe(0)
    const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } }
    expect(selectors(await client.get(webhooks('istio-sidecar-injector')))).toEqual([never, never])
    expect(await client.get(webhooks('istio-revision-tag-default'))).toMatchObject({
      metadata: { labels: { 'istio.io/rev': 'proa', 'istio.io/tag': 'default' } },
    })
    const gone = await proa('uninstall', '--revision', 'proa')
    expect(gone).toMatchObject({ code: 0, stderr: '' })
    expect(gone.stdout).toContain('✓ MutatingWebhookConfiguration istio-sidecar-injector injects by default again')
    const back = await client.get(webhooks('istio-sidecar-injector'))
    // Istio's own selector of the first entry says one thing more than this test's.
    expect(selectors(back)[1]).toEqual(selectors(istio)[1])
    expect(await client.find(webhooks('istio-revision-tag-default'))).toBeUndefined()
  })
})

describe('proa uninstall', () => {
  it('deletes the webhooks first, and leaves the namespace and what others made', async () => {
    const { proa, client } = await testCluster()
    await client.create(namespace('istio-system'))
    await client.create(configMap('istio', { mesh: '{}' }))
    await client.create(namespace('shop', { 'istio.io/rev': 'prod' }))
    await client.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'shop', annotations: { 'sidecar.istio.io/status': '{"revision":"default"}' } },
      spec: { containers: [{ name: 'a', image: 'a' }] },
    })
    await proa('install', '--no-wait', '--tag', 'prod', '--guard', 'audit', '--network-policy')
    const { stdout, code } = await proa('uninstall')
    expect(code).toBe(0)
    expect(stdout).toContain('! 1 Pod keeps its sidecar until it is created anew, in shop\n')
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '! new Pods get no sidecar any more in shop (they ask for "prod")',
      '✓ MutatingWebhookConfiguration istio-revision-tag-prod deleted',
      '✓ MutatingWebhookConfiguration istio-sidecar-injector deleted',
    ])
    const left = await client.list({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system' })
    expect(left.items.map((item) => textAt(item, 'metadata', 'name'))).toContain('istio')
    expect(await client.find({ apiVersion: 'v1', kind: 'Namespace', name: 'istio-system' })).toBeDefined()
    const again = await proa('uninstall')
    expect(again.stdout).toContain('there is no injector of revision "default"')
    expect(again.code).toBe(0)
  })

  it('deletes nothing with --dry-run, and nothing that Helm installed', async () => {
    const { proa, client } = await testCluster()
    await proa('install', '--no-wait')
    expect((await proa('uninstall', '--dry-run')).stdout).toContain('would be deleted')
    const found = await client.get(webhooks('istio-sidecar-injector'))
    await client.patch(webhooks('istio-sidecar-injector'), {
      type: 'merge',
      body: { metadata: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } } },
    })
    const refused = await proa('uninstall')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('by Helm')
    expect(textAt(await client.get(webhooks('istio-sidecar-injector')), 'metadata', 'uid')).toBe(
      textAt(found, 'metadata', 'uid'),
    )
  })

  it('takes out one of two installations of a revision, and not the other', async () => {
    const { proa, client } = await testCluster()
    await proa('install', '--no-wait', '-n', 'one', '-r', 'canary')
    await proa('install', '--no-wait', '-n', 'two', '-r', 'canary')
    await proa('uninstall', '-n', 'one', '-r', 'canary')
    expect(await client.find(webhooks('istio-sidecar-injector-canary-one'))).toBeUndefined()
    expect(await client.find(webhooks('istio-sidecar-injector-canary-two'))).toBeDefined()
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole' }
    expect(await client.find({ ...role, name: 'proa-injector-canary.one' })).toBeUndefined()
    expect(await client.find({ ...role, name: 'proa-injector-canary.two' })).toBeDefined()
  })
})
