import { applyPatch, type Json, type JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { planCaBundle } from '../packages/webhook/src/ca-bundle/plan.ts'
import { openVectors, skipWithout } from './support/vectors.ts'

interface Row {
  readonly name: string
  readonly configs: readonly JsonObject[]
  readonly revision?: string
  readonly configName: string
  readonly webhookName: string
  readonly caBundle: string
  readonly wantError: string
}

/** Istio ends these cases in an error that it only logs; here they are a reason for doing nothing. */
const REASONS: Readonly<Record<string, string>> = {
  'webhook not found': 'deleted',
  'webhook configuration did not contain webhook with target name': 'no-entries',
  'webhook does not belong to target revision': 'other-revision',
  '"config1" not found': 'deleted',
  'webhook entry "webhook1" not found in config "config1"': 'no-entries',
}

const rows = (release: string): readonly Row[] => {
  const vectors = openVectors(release)
  return vectors.present ? (vectors.tables() as { webhookCABundlePatch: Row[] }).webhookCABundlePatch : []
}

const [row21] = rows('1.21')

/** 1.8 looks at the name of the configuration and at no label, and never reads the bundle; both are given here. */
function adapted(row: Row): Row {
  if (row.revision !== undefined) return row
  const configs = row.configs.map((config) => ({
    ...config,
    metadata: { ...(config.metadata as JsonObject), labels: { 'istio.io/rev': 'default' } },
  }))
  return { ...row, configs, revision: '', caBundle: row21?.caBundle ?? '' }
}

function entries(configuration: JsonObject | undefined): readonly JsonObject[] {
  return (configuration?.webhooks ?? []) as readonly JsonObject[]
}

for (const release of ['1.21', '1.8']) {
  const vectors = openVectors(release)
  describe(`the caBundle patcher as in Istio ${release}${vectors.note}`, () => {
    skipWithout(vectors)
    it.each(rows(release).map(adapted))('$name', (row) => {
      const configuration = row.configs.find(({ metadata }) => (metadata as JsonObject).name === row.configName)
      const target = { revision: row.revision ?? '', bundle: row.caBundle, suffix: row.webhookName }
      const plan = planCaBundle(configuration, target)
      if (row.wantError !== '') {
        expect(plan).toEqual({ action: 'none', reason: REASONS[row.wantError] })
        return
      }
      const labelled = Object.hasOwn(configuration?.metadata as JsonObject, 'labels')
      expect(plan.action).toBe(labelled ? 'patch' : 'none')
      const after = plan.action === 'patch' ? applyPatch(configuration as Json, plan.operations) : configuration
      for (const [index, entry] of entries(after as JsonObject).entries()) {
        const ours = labelled && String(entry.name).endsWith(row.webhookName)
        const before = entries(configuration)[index]
        if (ours) expect(entry.clientConfig).toMatchObject({ caBundle: Buffer.from(row.caBundle).toString('base64') })
        else expect(entry).toEqual(before)
      }
    })
  })
}
