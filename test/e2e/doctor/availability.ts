import type { JsonObject } from '@proa/kube'
import { untilAll } from '../harness/until.ts'
import type { DoctorCase } from './case.ts'
import { CONFIGURATION, changeInjector, type Entry, everyEntry, INJECTOR_PODS, isSoon, SYSTEM } from './objects.ts'

/** What happens when no injector answers. */
export const AVAILABILITY: readonly DoctorCase[] = [
  {
    id: 'INJ253',
    title: 'Pods were let through while no injector ran',
    before: async (place) => {
      await place.change(
        CONFIGURATION,
        everyEntry((entry) => ({ ...entry, failurePolicy: 'Ignore' })),
      )
      await changeInjector(place, { replicas: 0 })
      await isSoon(place, 'untouched')
      place.passTime()
    },
    happens: 'untouched',
    after: async (place) => {
      await changeInjector(place, { replicas: 2 })
      await place.cluster.runInjectors(2)
      await isSoon(place, 'injected')
    },
    exitCode: 2,
  },
  {
    id: 'INJ153',
    also: 'INJ250',
    title: 'the webhook is called for the Pods of its own injector, and none runs',
    before: async (place) => {
      await changeInjector(place, { replicas: 0 })
      await untilAll(place.client, INJECTOR_PODS, 'no Pod', (all) => all.length === 0)
      await place.change(CONFIGURATION, everyEntry(callForAll))
      await changeInjector(place, { replicas: 2 })
      const events = { apiVersion: 'v1', kind: 'Event', namespace: SYSTEM, fieldSelector: 'reason=FailedCreate' }
      await untilAll(place.client, events, 'a refusal', (all) => all.length > 0)
    },
    happens: /no endpoints available for service "proa-injector"/,
    exitCode: 2,
    byHand: 'as printed',
  },
]

function callForAll({ matchConditions, ...entry }: Entry): JsonObject {
  if (entry.name === 'namespace.sidecar-injector.istio.io') {
    return { ...entry, namespaceSelector: {}, objectSelector: {} }
  }
  return { ...entry, ...(matchConditions === undefined ? {} : { matchConditions }) }
}
