import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { builtinSources, injectPod, loadConfiguration } from '@proa/injector'
import { findPodTemplate, isObject, type JsonObject, parseYamlDocuments } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../../testing/fixture.ts'
import { clusterOf } from '../../cluster/cluster.ts'
import { nameOf } from '../../reading.ts'
import { POD_CHECKS } from './index.ts'

const EXAMPLES = join(import.meta.dirname, '../../../../../examples')
const CHECKS = POD_CHECKS.filter(({ id }) => id < 'INJ320')
const healthy = loadFixture(HEALTHY)

/** The workloads of the examples, all in the namespace that is injected. */
const workloads = ['.', 'local-cluster']
  .flatMap((folder) => readdirSync(join(EXAMPLES, folder)).map((name) => join(EXAMPLES, folder, name)))
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => parseYamlDocuments(readFileSync(file, 'utf8')).map(({ value }) => value))
  .filter(isObject)
  .filter((object) => findPodTemplate(object) !== undefined)
  .map((object, index): JsonObject => {
    const metadata = isObject(object.metadata) ? object.metadata : {}
    return { ...object, metadata: { ...metadata, namespace: 'shop', uid: `workload-${index}` } }
  })

/** The healthy cluster with proa's own template, and only the workloads that are given in its shop. */
function shopWith(nativeSidecars: boolean, ...objects: readonly JsonObject[]) {
  const { config, values } = builtinSources()
  const env = [{ name: 'ENABLE_NATIVE_SIDECARS', value: String(nativeSidecars) }]
  const spec = { containers: [{ name: 'discovery', env }] }
  const base = healthy.objects
    .filter((object) => !(isObject(object.metadata) && object.metadata.namespace === 'shop'))
    .map((object): JsonObject => {
      if (nameOf(object) === 'istio-sidecar-injector' && object.kind === 'ConfigMap') {
        return { ...object, data: { config: config.text, values: values.text } }
      }
      const isIstiod = object.kind === 'Deployment' && nameOf(object) === 'istiod'
      const labels = { app: 'istiod', 'istio.io/rev': 'default' }
      return isIstiod ? { ...object, spec: { template: { metadata: { labels }, spec } } } : object
    })
  return clusterOf({ ...healthy, objects: [...base, ...objects] })
}

/** A Pod of a workload as the injector makes it, running. */
function podOf(workload: JsonObject, nativeSidecars: boolean): readonly JsonObject[] {
  const template = findPodTemplate(workload)?.template ?? workload
  const owner = { apiVersion: String(workload.apiVersion), kind: String(workload.kind), name: nameOf(workload) }
  const { metadata, spec } = template
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: isObject(metadata) ? metadata : {}, spec: spec ?? {} }
  const result = injectPod(
    { mode: 'webhook', namespace: 'shop', pod, owner: { ...owner, namespace: 'shop' } },
    loadConfiguration(builtinSources(), { nativeSidecars }),
  )
  if (result.outcome !== 'injected') return []
  const uid = isObject(workload.metadata) ? String(workload.metadata.uid) : ''
  const injected = isObject(result.pod.metadata) ? result.pod.metadata : {}
  return [
    {
      ...result.pod,
      metadata: {
        ...injected,
        name: `${owner.name}-x1`,
        namespace: 'shop',
        ownerReferences: [{ ...owner, uid, controller: true }],
      },
    },
  ]
}

describe.each([true, false])('ordinary workloads, native sidecars: %s', (nativeSidecars) => {
  // A Job with an ordinary sidecar never completes; that is what the check is for.
  const checks = CHECKS.filter(({ id }) => nativeSidecars || id !== 'INJ303')

  const pods = workloads.filter(({ kind }) => kind !== 'Pod').flatMap((one) => podOf(one, nativeSidecars))
  const clusters = [shopWith(nativeSidecars, ...workloads), shopWith(nativeSidecars, ...workloads, ...pods)]

  it.each(checks.map((check) => [check.id, check] as const))('give %s nothing to act on', (_, check) => {
    expect(pods.length).toBeGreaterThan(10)
    for (const cluster of clusters) {
      const found = check.run(cluster).filter((one) => one.outcome !== 'found' || one.routine !== true)
      expect(found.map((one) => (one.outcome === 'found' ? one.message.en : one.reason.en))).toEqual([])
    }
  })
})
