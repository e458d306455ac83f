import { INJECT } from '../suite/objects.ts'
import type { DoctorCase } from './case.ts'

const UNLABELLED = {}

/** The labels of namespaces and Pods. */
export const LABELS: readonly DoctorCase[] = [
  {
    id: 'INJ103',
    title: 'the label of the namespace has a wrong value',
    namespace: { 'istio-injection': 'enable' },
    happens: 'untouched',
  },
  {
    id: 'INJ103',
    title: 'the namespace has the label under another name',
    namespace: { 'istio.io/injection': 'enabled' },
    happens: 'untouched',
  },
  {
    id: 'INJ103',
    title: 'the namespace has no label at all',
    namespace: UNLABELLED,
    happens: 'untouched',
    // Of a whole cluster it is not told: nobody asks for sidecars there.
    isFirstOfAll: false,
    byHand: 'as printed',
  },
  {
    id: 'INJ105',
    title: 'the namespace forbids what the Pod asks for',
    namespace: { 'istio-injection': 'disabled' },
    deployment: { labels: { [INJECT]: 'true' } },
    happens: 'untouched',
  },
  {
    id: 'INJ107',
    title: 'the namespace names a revision that does not exist',
    namespace: { 'istio.io/rev': 'defualt' },
    happens: 'untouched',
    exitCode: 2,
  },
  {
    id: 'INJ110',
    title: 'the label of the Pod says no, its annotation says yes',
    deployment: { labels: { [INJECT]: 'false' }, annotations: { [INJECT]: 'true' } },
    happens: 'untouched',
    next: 'untouched',
  },
  {
    id: 'INJ111',
    title: 'only an annotation asks for injection',
    namespace: UNLABELLED,
    deployment: { annotations: { [INJECT]: 'true' } },
    happens: 'untouched',
  },
  {
    id: 'INJ112',
    title: 'the label of the Pod says "yes"',
    namespace: UNLABELLED,
    deployment: { labels: { [INJECT]: 'yes' } },
    happens: 'untouched',
  },
  {
    id: 'INJ113',
    title: 'the label stands at the Deployment, not in its Pod template',
    namespace: UNLABELLED,
    deployment: { outside: { labels: { [INJECT]: 'true' } } },
    happens: 'untouched',
  },
]
