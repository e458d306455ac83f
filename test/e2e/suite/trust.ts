import { isObject, type JsonObject } from '@proa/kube'
import { webhookConfigurationName } from '@proa/manifests'
import { createAuthority } from '@proa/pki'
import { describe, expect, it } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { until } from '../harness/until.ts'
import { outcomeOf, podOf } from './objects.ts'
import { POLL } from './start.ts'

const KIND = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }
const DAY = 24 * 3600 * 1000

export function describeTrust(cluster: Cluster): void {
  const { client, revision, namespace } = cluster
  const ref = { ...KIND, name: webhookConfigurationName({ revision, namespace }) }
  const write = async (value: string | undefined) => {
    const entries = bundles(await client.get(ref))
    const operations = entries.map((_, index) => {
      const path = `/webhooks/${index}/clientConfig/caBundle`
      return value === undefined ? { op: 'remove' as const, path } : { op: 'add' as const, path, value }
    })
    await client.patch(ref, { type: 'json', operations }, { fieldManager: 'somebody' })
  }

  describe('the caBundle', () => {
    it.each<[string, () => Promise<string | undefined>]>([
      ['emptied', async () => undefined],
      ['replaced by a root of somebody else', async () => btoa((await root(0)).certificate)],
      ['replaced by a root that has ended', async () => btoa((await root(-10 * DAY)).certificate)],
    ])('%s by somebody is healed', async (_, bad) => {
      const good = bundles(await client.get(ref))
      await write(await bad())
      const isGood = (object: JsonObject | undefined) => String(bundles(object ?? {})) === String(good)
      await until(client, ref, 'its bundles as they were', isGood)
      const pod = podOf('web', await cluster.createNamespace(cluster.injected))
      await expect.poll(() => outcomeOf(client, pod), POLL).toBe(`injected by ${revision}`)
    })

    it('is no business of a GitOps tool that applies its manifest again and again', async () => {
      const { stdout } = await cluster.proa('manifests', '-o', 'json', '--failure-policy', 'Fail', ...cluster.flags)
      const { items } = JSON.parse(stdout) as { items: readonly JsonObject[] }
      const manifest = items.find(({ kind }) => kind === ref.kind) ?? {}
      const apply = () => client.apply(manifest, { fieldManager: 'gitops', force: true })
      const first = await apply()
      const again = await apply()
      expect(bundles(again)).toEqual(bundles(first))
      expect(bundles(again).every((bundle) => bundle !== '')).toBe(true)
      // Nothing was written in between: neither side undoes what the other has done.
      expect(metadataOf(again).resourceVersion).toBe(metadataOf(first).resourceVersion)
      expect(ownersOf(again, 'f:caBundle')).toEqual(['proa-ca-bundle'])
      expect(ownersOf(again, 'f:failurePolicy').toSorted()).toEqual(['gitops', 'proa-install'])
    })
  })
}

function root(shift: number) {
  return createAuthority({ commonName: 'somebody', now: new Date(Date.now() + shift), validFor: DAY })
}

function bundles(configuration: JsonObject): readonly string[] {
  const { webhooks = [] } = configuration as { webhooks?: readonly { clientConfig: { caBundle?: string } }[] }
  return webhooks.map(({ clientConfig }) => clientConfig.caBundle ?? '')
}

interface Metadata {
  readonly resourceVersion: string
  readonly managedFields: readonly { readonly manager: string; readonly fieldsV1: JsonObject }[]
}

function metadataOf({ metadata }: JsonObject): Metadata {
  if (!isObject(metadata)) throw new Error('an object without metadata')
  return metadata as unknown as Metadata
}

function ownersOf(object: JsonObject, field: string): readonly string[] {
  return metadataOf(object)
    .managedFields.filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes(`"${field}"`))
    .map(({ manager }) => manager)
}
