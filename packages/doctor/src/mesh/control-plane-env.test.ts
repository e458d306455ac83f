import type { JsonObject } from '@proa/kube'
import { expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { clusterOf } from '../cluster/cluster.ts'
import { controlPlaneEnv } from './control-plane-env.ts'
import { injectors } from './injectors.ts'
import { revisions } from './revisions.ts'

const healthy = loadFixture(HEALTHY)

function withIstiod(container: JsonObject) {
  const objects = healthy.objects.map((object): JsonObject => {
    const isIstiod = object.kind === 'Deployment' && (object.metadata as JsonObject).name === 'istiod'
    const labels = { app: 'istiod', 'istio.io/rev': 'default' }
    return isIstiod
      ? { ...object, spec: { template: { metadata: { labels }, spec: { containers: [container] } } } }
      : object
  })
  return clusterOf({ ...healthy, objects })
}

it('reads what the Deployment behind the webhook sets', () => {
  const cluster = withIstiod({
    name: 'discovery',
    env: [
      { name: 'ENABLE_NATIVE_SIDECARS', value: 'true' },
      { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
      { name: 'PLATFORM', value: 'openshift' },
    ],
  })
  expect([...controlPlaneEnv(cluster, injectors(cluster))]).toEqual([
    ['ENABLE_NATIVE_SIDECARS', 'true'],
    ['PLATFORM', 'openshift'],
  ])
  const configuration = revisions(cluster)[0]?.configuration
  expect(configuration?.kind === 'loaded' && configuration.configuration).toMatchObject({
    nativeSidecars: true,
    openShift: true,
  })
})

it.each([[['webhook', '--native-sidecars', 'false']], [['webhook', '--native-sidecars=false']]])(
  'reads the option of proa, which counts more: %j',
  (args) => {
    const cluster = withIstiod({ name: 'injector', args, env: [{ name: 'ENABLE_NATIVE_SIDECARS', value: 'true' }] })
    expect(controlPlaneEnv(cluster, injectors(cluster)).get('ENABLE_NATIVE_SIDECARS')).toBe('false')
  },
)
