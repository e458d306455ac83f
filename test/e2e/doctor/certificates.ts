import { createAuthority } from '@proa/pki'
import type { DoctorCase } from './case.ts'
import { EXPIRED } from './expired.ts'
import { createStable } from './objects.ts'

const DAY = 24 * 3600 * 1000
const STABLE = { 'istio.io/rev': 'stable' }

/** Bundles of a configuration that proa's patcher does not keep: in the way of Istio's chart, for another revision. */
export const CERTIFICATES: readonly DoctorCase[] = [
  {
    id: 'INJ201',
    title: 'the caBundle is empty',
    namespace: STABLE,
    before: (place) => createStable(place, {}),
    happens: /x509: certificate signed by unknown authority/,
    exitCode: 2,
  },
  {
    id: 'INJ202',
    title: 'the caBundle is that of somebody else',
    namespace: STABLE,
    before: async (place) => {
      const authority = await createAuthority({ commonName: 'somebody', now: new Date(), validFor: DAY })
      await createStable(place, { caBundle: btoa(authority.certificate) })
    },
    happens: /x509: certificate signed by unknown authority/,
    exitCode: 2,
  },
  EXPIRED,
  {
    id: 'INJ209',
    title: 'the root certificate of proxies is not in the namespace',
    before: ({ client, namespace }) => client.delete({ ...ROOT, namespace }),
    happens: 'injected',
    exitCode: 2,
  },
]

const ROOT = { apiVersion: 'v1', kind: 'ConfigMap', name: 'istio-ca-root-cert' }
