import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { testCluster } from '../../testing/cluster.ts'

const shop = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' }

/** A namespace that asks for two control planes, and no injector that could be asked anything. */
async function withTwoLabels() {
  const test = await testCluster()
  const labels = { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' }
  await test.client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } })
  await test.client.create({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'istio-sidecar-injector', labels: { app: 'sidecar-injector' } },
    webhooks: [
      {
        name: 'namespace.sidecar-injector.istio.io',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        failurePolicy: 'Ignore',
        clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/inject' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
      },
    ],
  })
  const labelsNow = async (): Promise<unknown> => {
    const { metadata } = await test.client.get(shop)
    return (metadata as JsonObject).labels
  }
  const ask = (args: readonly string[], stdin?: string) =>
    test.folder.proa(
      ['doctor', ...args, '--no-probe', '--kubeconfig', 'kubeconfig'],
      stdin === undefined ? { env: {} } : { stdin, isTTY: true, env: { NO_COLOR: '1' } },
    )
  return { ...test, labelsNow, ask }
}

describe('proa doctor with a cluster', () => {
  it('finds what is wrong, also in a snapshot that was saved', async () => {
    const { ask } = await withTwoLabels()
    const live = await ask([])
    expect(live.stdout).toContain('✗ error INJ201  MutatingWebhookConfiguration istio-sidecar-injector')
    expect(live.stdout).toContain('! warning INJ106  Namespace shop')
    expect(live).toMatchObject({ code: 2, stderr: '' })
    const saved = await ask(['snapshot', '-o', 'snapshot.json'])
    expect(saved).toMatchObject({ code: 0, stdout: '' })
    expect(saved.stderr).toMatch(/^snapshot\.json: \d+ objects\. Secrets are left out\.\n$/)
    const later = await ask(['-f', 'snapshot.json'])
    expect(later).toEqual(live)
  })

  it('repairs what it was asked about, and looks again', async () => {
    const { ask, labelsNow } = await withTwoLabels()
    const planned = await ask(['ns', 'shop', '--check', 'INJ106', '--fix', '--dry-run'])
    expect(planned.stdout).toContain('1. Namespace shop: merge patch (INJ106)')
    expect(await labelsNow()).toMatchObject({ 'istio.io/rev': 'canary' })
    const { code, stdout } = await ask(['ns', 'shop', '--check', 'INJ106', '--fix', '--yes'])
    expect(stdout).toContain('✓ Namespace shop: merge patch (INJ106): done\nAfterwards: no problem found · ')
    expect(code).toBe(0)
    expect(await labelsNow()).toEqual({ 'istio-injection': 'enabled', 'kubernetes.io/metadata.name': 'shop' })
  })

  it('asks before a change, and makes none without a yes', async () => {
    const { ask, labelsNow } = await withTwoLabels()
    const args = ['ns', 'shop', '--check', 'INJ106', '--fix']
    for (const answer of ['n\n', '\n', '', 'maybe\n']) {
      const { stdout, stderr } = await ask(args, answer)
      expect(stderr).toContain('Make this change? [y/N] ')
      expect(stdout).toContain('· Namespace shop: merge patch (INJ106): left as it is')
      expect(await labelsNow()).toMatchObject({ 'istio.io/rev': 'canary' })
    }
    expect((await ask(args, 'y\n')).stdout).toContain('(INJ106): done')
    expect(await labelsNow()).not.toHaveProperty(['istio.io/rev'])
  })

  it('shows on a terminal how far it is, in one line that goes away', async () => {
    const { ask } = await withTwoLabels()
    const { stderr } = await ask(['certs'], '')
    const [before, first, ...others] = stderr.split('\r\x1b[2K')
    expect({ before, first, last: others.at(-1) }).toEqual({
      before: '',
      first: expect.stringMatching(/^\d+\/\d+ \S/),
      last: '',
    })
  })

  it('waits no longer than it is told', async () => {
    const { ask } = await withTwoLabels()
    expect((await ask(['certs', '--wait', '0'])).code).toBe(2)
    expect((await ask(['ns', 'default', '--check', 'INJ106', '--wait'])).code).toBe(0)
  })

  it('takes the namespace of a name from -n or the context, and tells what does not exist', async () => {
    const { ask } = await withTwoLabels()
    expect((await ask(['pod', 'cart'])).stdout).toContain('there is no Pod default/cart')
    expect(await ask(['pod', 'cart', '-n', 'shop'])).toMatchObject({
      code: 3,
      stdout: expect.stringContaining('there is no Pod shop/cart'),
    })
  })
})
