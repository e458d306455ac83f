import type { DoctorCase } from './case.ts'
import { configure, endInjectors, isSoon } from './objects.ts'

const BATCH = { labels: { tier: 'batch' } }

/** The configuration of the injector. */
export const POLICY: readonly DoctorCase[] = [
  {
    id: 'INJ114',
    title: 'the default policy is disabled and the Pod does not ask',
    before: async (place) => {
      await configure(place, { policy: 'disabled' })
      await isSoon(place, 'untouched')
    },
    happens: 'untouched',
  },
  {
    id: 'INJ115',
    title: 'the policy has a value that does not exist: the injector keeps what it has',
    before: (place) => configure(place, { policy: 'on' }),
    happens: 'injected',
    exitCode: 2,
    byHand: 'as printed',
  },
  {
    id: 'INJ115',
    title: 'the policy has a value that does not exist: an injector that starts does not get ready',
    before: async (place) => {
      await configure(place, { policy: 'on' })
      await endInjectors(place)
      await isSoon(place, 'no endpoints available')
    },
    happens: /no endpoints available for service "proa-injector"/,
    saying: 'INJ153',
    also: 'INJ153',
    exitCode: 2,
  },
  {
    id: 'INJ116',
    title: 'a neverInjectSelector matches the Pod',
    before: async (place) => {
      await configure(place, { neverInjectSelector: [{ matchLabels: { tier: 'batch' } }] })
      await isSoon(place, 'untouched', BATCH)
    },
    deployment: BATCH,
    happens: 'untouched',
  },
  {
    id: 'INJ117',
    title: 'only an alwaysInjectSelector wants it',
    before: async (place) => {
      await configure(place, { policy: 'disabled', alwaysInjectSelector: [{ matchLabels: { tier: 'batch' } }] })
      await isSoon(place, 'untouched')
    },
    deployment: BATCH,
    happens: 'injected',
    isFirstOfAll: false,
    byHand: 'as printed',
    next: 'untouched',
  },
]
