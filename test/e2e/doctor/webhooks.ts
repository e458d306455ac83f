import type { JsonObject } from '@proa/kube'
import type { DoctorCase, Place } from './case.ts'
import { CONFIGURATION, DEPLOYMENT, everyEntry, isSoon, SYSTEM } from './objects.ts'

/** Which webhooks there are, and which Pods they want. */
export const WEBHOOKS: readonly DoctorCase[] = [
  {
    id: 'INJ104',
    title: 'a webhook wants all namespaces but those that opt out',
    namespace: {},
    before: async (place) => {
      // They have no label either: the commands give them one, too.
      for (const name of ['default', SYSTEM]) await place.change({ ...NAMESPACE, name }, (same) => same)
      await place.change(
        CONFIGURATION,
        everyEntry((entry) =>
          entry.name === 'namespace.sidecar-injector.istio.io' ? { ...entry, ...OPT_OUT } : entry,
        ),
      )
    },
    happens: 'injected',
    byHand: 'as printed',
    next: 'untouched',
  },
  {
    id: 'INJ117',
    title: 'the installation injects namespaces without any label',
    namespace: {},
    before: async (place) => {
      const entries = await entriesOf(place, '--inject-unlabelled')
      await place.change(CONFIGURATION, (configuration) => ({ ...configuration, webhooks: entries }))
      await isSoon(place, 'injected')
    },
    happens: 'injected',
    isFirstOfAll: false,
    // What is printed is an example, as nothing is wrong: the same for each namespace that is named.
    byHand: async (place, { evidence }) => {
      for (const { object } of evidence.filter((one) => one.object.kind === 'Namespace')) {
        await place.change({ ...NAMESPACE, name: object.name }, (same) => same)
        await place.client.patch({ ...NAMESPACE, name: object.name }, DISABLED)
      }
    },
    next: 'untouched',
  },
  {
    id: 'INJ119',
    title: 'the Pod is older than the label of its namespace',
    namespace: {},
    happens: 'untouched',
    after: ({ client, namespace, passTime }) => {
      passTime()
      return client.patch({ ...NAMESPACE, name: namespace }, LABELLED)
    },
  },
  {
    id: 'INJ122',
    title: 'two webhooks inject the same Pods',
    before: async (place) => {
      const { metadata: _, ...own } = await place.client.get(CONFIGURATION)
      await place.create({
        ...own,
        metadata: { name: 'istio-sidecar-injector-old', labels: { app: 'sidecar-injector', 'istio.io/rev': 'old' } },
      })
    },
    happens: 'injected',
    exitCode: 2,
    byHand: ({ client }) => client.delete({ ...CONFIGURATION, name: 'istio-sidecar-injector-old' }),
  },
  {
    id: 'INJ102',
    title: 'the Pod is in the network of its node',
    deployment: { spec: { hostNetwork: true } },
    happens: 'untouched',
    isFirstOfAll: false,
    byHand: ({ client, namespace }) =>
      client.patch(
        { ...DEPLOYMENT, namespace },
        { type: 'json', operations: [{ op: 'remove', path: '/spec/template/spec/hostNetwork' }] },
      ),
  },
]

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' }
const DISABLED = { type: 'merge', body: { metadata: { labels: { 'istio-injection': 'disabled' } } } } as const
const LABELLED = { type: 'merge', body: { metadata: { labels: { 'istio-injection': 'enabled' } } } } as const

/** As an installation with these flags has them. Their caBundle is written by the injector. */
async function entriesOf({ cluster }: Place, ...flags: readonly string[]): Promise<readonly JsonObject[]> {
  const { stdout } = await cluster.proa('manifests', '--failure-policy', 'Fail', ...flags, '-o', 'json')
  const { items } = JSON.parse(stdout) as { readonly items: readonly JsonObject[] }
  return items.find(({ kind }) => kind === CONFIGURATION.kind)?.webhooks as readonly JsonObject[]
}

/** As the webhook of old installations: whoever does not say no is injected. */
const OPT_OUT = {
  namespaceSelector: { matchExpressions: [{ key: 'istio-injection', operator: 'NotIn', values: ['disabled'] }] },
}
