import { parseYamlDocuments } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { testCluster } from '../../testing/cluster.ts'
import { listAt, textAt } from '../installation/objects.ts'

const webhooks = (name: string) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  name,
})

async function withRevisions(...flags: string[]) {
  const given = await testCluster()
  await given.proa('install', '--no-wait')
  await given.proa('install', '--no-wait', '-r', 'canary', ...flags)
  await given.client.create({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop', labels: { 'istio.io/rev': 'prod' } },
  })
  return given
}

describe('proa tag', () => {
  it('sets a tag, moves it only when told to, lists it and takes it away', async () => {
    const { proa } = await withRevisions()
    expect((await proa('tag', 'set', 'prod', '-r', 'default')).code).toBe(0)
    const taken = await proa('tag', 'set', 'prod', '-r', 'canary')
    expect(taken.code).toBe(2)
    expect(taken.stderr).toContain(
      'the tag "prod" is there already, for the revision "default"\n  Move it with --overwrite.',
    )
    const moved = await proa('tag', 'set', 'prod', '-r', 'canary', '--overwrite')
    expect(moved.stdout).toContain('✓ ClusterRole proa-injector.istio-system.tag-prod deleted')
    expect((await proa('tag', 'list')).stdout).toBe(
      'TAG   REVISION  NAMESPACES\n' + 'prod  canary    shop\n' + '-     default\n',
    )
    const json = JSON.parse((await proa('tag', 'list', '-o', 'json')).stdout)
    expect(json).toEqual([
      { tag: 'prod', revision: 'canary', namespaces: ['shop'] },
      { tag: '', revision: 'default', namespaces: [] },
    ])
    const inUse = await proa('tag', 'remove', 'prod')
    expect(inUse.code).toBe(1)
    expect(inUse.stderr).toContain('shop asks for the tag "prod" and would get no sidecars any more')
    expect((await proa('tag', 'remove', 'prod', '--yes')).code).toBe(0)
    expect((await proa('tag', 'remove', 'prod')).stderr).toContain('there is no tag "prod"')
  })

  it('copies the injector of the revision: address, root, policies', async () => {
    const { proa, client } = await withRevisions('--webhook-timeout', '3')
    const operations = [{ op: 'add', path: '/webhooks/0/clientConfig/caBundle', value: 'AAAA' } as const]
    await client.patch(webhooks('istio-sidecar-injector-canary'), { type: 'json', operations })
    await proa('tag', 'set', 'prod', '-r', 'canary')
    const tag = await client.get(webhooks('istio-revision-tag-prod'))
    expect(listAt(tag, 'webhooks').map((entry) => textAt(entry, 'name'))).toEqual([
      'rev.namespace.sidecar-injector.istio.io',
      'rev.object.sidecar-injector.istio.io',
    ])
    for (const entry of listAt(tag, 'webhooks')) {
      expect(entry).toMatchObject({
        timeoutSeconds: 3,
        clientConfig: { caBundle: 'AAAA', service: { name: 'proa-injector-canary' } },
      })
    }
  })

  it('moves the default, and back', async () => {
    const { proa, client } = await withRevisions()
    const before = await client.get(webhooks('istio-sidecar-injector'))
    const moved = await proa('tag', 'set', 'default', '-r', 'canary')
    expect(moved.stdout).toContain('✓ MutatingWebhookConfiguration istio-sidecar-injector matches nothing any more')
    const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } }
    for (const entry of listAt(await client.get(webhooks('istio-sidecar-injector')), 'webhooks')) {
      expect(entry).toMatchObject({ namespaceSelector: never, objectSelector: never })
    }
    // Installing the old default again must not take the Pods back.
    expect((await proa('install', '--no-wait')).code).toBe(0)
    expect(listAt(await client.get(webhooks('istio-sidecar-injector')), 'webhooks')[0]).toMatchObject({
      objectSelector: never,
    })
    expect((await proa('tag', 'remove', 'default')).code).toBe(0)
    const after = await client.get(webhooks('istio-sidecar-injector'))
    expect(listAt(after, 'webhooks')).toEqual(listAt(before, 'webhooks'))
  })

  it('lists namespaces beside what really injects them', async () => {
    const { proa, client } = await withRevisions()
    const label = async (name: string, labels: Record<string, string>): Promise<unknown> =>
      client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
    await label('by-default', { 'istio-injection': 'enabled' })
    await label('by-name', { 'istio.io/rev': 'canary' })
    await proa('tag', 'set', 'default', '-r', 'canary')
    const json: unknown = JSON.parse((await proa('tag', 'list', '-o', 'json')).stdout)
    expect(json).toEqual([
      { tag: '', revision: 'canary', namespaces: ['by-name'] },
      { tag: 'default', revision: 'canary', namespaces: ['by-default'] },
      { tag: '', revision: 'default', namespaces: [] },
    ])
  })

  it('generates what it would set, and brings the guard of the revision', async () => {
    const { proa, client } = await withRevisions('--guard', 'audit')
    const { stdout } = await proa('tag', 'generate', 'prod', '-r', 'canary')
    const kinds = parseYamlDocuments(stdout).map(({ value }) => textAt(value, 'kind'))
    expect(kinds).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'MutatingWebhookConfiguration',
      'ValidatingAdmissionPolicy',
      'ValidatingAdmissionPolicyBinding',
    ])
    expect(await client.find(webhooks('istio-revision-tag-prod'))).toBeUndefined()
  })

  it.each([
    [['set', 'canary', '-r', 'canary'], 64, '"canary" is the revision itself'],
    [['set', 'canary', '-r', 'default'], 2, 'a revision has the name "canary"'],
    [['set', 'prod', '-r', 'nope'], 2, 'There are: canary, default.'],
    [['set', 'Prod', '-r', 'canary'], 64, '"Prod" cannot be part of a name'],
  ])('refuses %j', async (args, code, message) => {
    const { proa } = await withRevisions()
    const result = await proa('tag', ...args)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toContain(message)
  })
})
