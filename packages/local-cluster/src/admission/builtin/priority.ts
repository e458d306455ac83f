import { getOwn, isObject, type JsonObject } from '@proa/kube'
import type { AdmissionDeps } from '../deps.ts'
import { forbiddenFor } from '../refusals.ts'
import type { AdmissionAttributes } from '../types.ts'

/** Every cluster has these. */
const SYSTEM_CLASSES = new Map([
  ['system-cluster-critical', 2_000_000_000],
  ['system-node-critical', 2_000_001_000],
])

/** Turns the name of a PriorityClass into its number. */
export function givePriority(attributes: AdmissionAttributes, pod: JsonObject, deps: AdmissionDeps): JsonObject {
  const spec = getOwn(pod, 'spec')
  if (!isObject(spec)) return pod
  const name = getOwn(spec, 'priorityClassName')
  const chosen = typeof name === 'string' && name !== '' ? named(name, attributes, deps) : defaultClass(deps)
  const given = getOwn(spec, 'priority') ?? null
  if (given !== null && given !== chosen.value) {
    const but = `priority admission controller computed ${chosen.value} from the given PriorityClass name`
    throw forbiddenFor(attributes, `the integer value of priority (${given}) must not be provided in pod spec; ${but}`)
  }
  const policy = getOwn(spec, 'preemptionPolicy') ?? null
  if (policy !== null && policy !== chosen.preemptionPolicy) {
    const but = `priority admission controller computed ${chosen.preemptionPolicy} from the given PriorityClass name`
    throw forbiddenFor(
      attributes,
      `the string value of PreemptionPolicy (${String(policy)}) must not be provided in pod spec; ${but}`,
    )
  }
  const { className, value, preemptionPolicy } = chosen
  return {
    ...pod,
    spec: {
      ...spec,
      ...(className === '' ? {} : { priorityClassName: className }),
      priority: value,
      preemptionPolicy,
    },
  }
}

interface Chosen {
  readonly className: string
  readonly value: number
  readonly preemptionPolicy: string
}

const API = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' }

function named(name: string, attributes: AdmissionAttributes, { objects }: AdmissionDeps): Chosen {
  const stored = objects.find({ ...API, namespace: '', name })
  if (stored !== undefined) return read(stored, name)
  const value = SYSTEM_CLASSES.get(name)
  if (value === undefined) throw forbiddenFor(attributes, `no PriorityClass with name ${name} was found`)
  return { className: name, value, preemptionPolicy: 'PreemptLowerPriority' }
}

/** The lowest of those that are marked as default, when there are several. */
function defaultClass({ objects }: AdmissionDeps): Chosen {
  const defaults = objects
    .list(API)
    .filter((one) => getOwn(one, 'globalDefault') === true)
    .map((one) => {
      const metadata = getOwn(one, 'metadata')
      return read(one, String((isObject(metadata) ? getOwn(metadata, 'name') : undefined) ?? ''))
    })
    .toSorted((a, b) => a.value - b.value)
  return defaults[0] ?? { className: '', value: 0, preemptionPolicy: 'PreemptLowerPriority' }
}

function read(object: JsonObject, className: string): Chosen {
  const value = getOwn(object, 'value')
  const policy = getOwn(object, 'preemptionPolicy')
  return {
    className,
    value: typeof value === 'number' ? value : 0,
    preemptionPolicy: typeof policy === 'string' ? policy : 'PreemptLowerPriority',
  }
}
