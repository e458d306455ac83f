import type { JsonObject } from '@proa/kube'
import { untilAll } from '../harness/until.ts'
import type { DoctorCase, Place } from './case.ts'
import { CONFIGURATION, changeInjector, endInjectors, everyEntry, INJECTOR_PODS, isSoon, SERVICE } from './objects.ts'

/** The way from the API server to the injector. */
export const REACHABILITY: readonly DoctorCase[] = [
  {
    id: 'INJ151',
    title: 'the webhook calls a Service of another name',
    before: (place) =>
      place.change(
        CONFIGURATION,
        everyEntry((entry) => {
          const { service, ...rest } = entry.clientConfig
          return { ...entry, clientConfig: { ...rest, service: { ...(service as JsonObject), name: 'proa-injecter' } } }
        }),
      ),
    happens: /service "proa-injecter" not found/,
    exitCode: 2,
  },
  {
    id: 'INJ151',
    title: 'the Service is gone',
    before: async (place) => {
      await place.change(SERVICE, () => undefined)
      // API servers keep connections, whatever becomes of the Service.
      await endInjectors(place)
      await isSoon(place, 'not found')
    },
    happens: /service "proa-injector" not found/,
    exitCode: 2,
    byHand: 'as printed',
  },
  {
    id: 'INJ153',
    title: 'the injector is scaled to nothing',
    before: async (place) => {
      await changeInjector(place, { replicas: 0 })
      await isSoon(place, 'no endpoints available')
    },
    happens: /no endpoints available for service "proa-injector"/,
    exitCode: 2,
  },
  {
    id: 'INJ153',
    also: 'INJ155',
    title: 'the injector crashes',
    before: async (place) => {
      await changeInjector(place, { args: (now) => [...now, '--no-such-flag'] })
      await isSoon(place, 'no endpoints available')
      await crashes(place)
    },
    happens: /no endpoints available for service "proa-injector"/,
    exitCode: 2,
    byHand: (place) => changeInjector(place, { args: (now) => now.filter((one) => one !== '--no-such-flag') }),
  },
  {
    id: 'INJ154',
    title: 'the Service leads to a port at which nobody listens',
    before: async (place) => {
      await place.change(SERVICE, (service) => {
        const spec = service.spec as JsonObject & { readonly ports: JsonObject[] }
        return { ...service, spec: { ...spec, ports: spec.ports.map((port) => ({ ...port, targetPort: 15999 })) } }
      })
      await endInjectors(place)
      await isSoon(place, 'connection refused')
    },
    happens: /connect: connection refused/,
    exitCode: 2,
  },
]

/** Waits until the kubelet gives up to start it at once. */
async function crashes({ client }: Place): Promise<void> {
  await untilAll(client, INJECTOR_PODS, 'CrashLoopBackOff', (all) => JSON.stringify(all).includes('CrashLoopBackOff'))
}
