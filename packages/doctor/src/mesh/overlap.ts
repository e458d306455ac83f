import {
  type LabelSelector,
  type MutatingWebhook,
  NAMESPACE_NAME_LABEL,
  parseLabelSelector,
  SelectorError,
} from '@proa/kube'
import type { Injector } from './injectors.ts'

/** Labels that meet the selectors of both. */
export interface ExampleLabels {
  readonly namespace: Readonly<Record<string, string>>
  readonly pod: Readonly<Record<string, string>>
}

/** Labels of a namespace and a Pod for which two webhooks would both be called; undefined when no labels can meet both. */
export function commonLabels(one: Injector, other: Injector): ExampleLabels | undefined {
  const namespace = satisfy(selectorsOf([one, other], 'namespaceSelector'), true)
  const pod = namespace && satisfy(selectorsOf([one, other], 'objectSelector'), false)
  return namespace === undefined || pod === undefined ? undefined : { namespace, pod }
}

/** Undefined: one of them is broken, and the API server refuses before anybody is called. */
function selectorsOf(
  injectors: readonly Injector[],
  name: keyof Pick<MutatingWebhook, 'namespaceSelector' | 'objectSelector'>,
): readonly LabelSelector[] | undefined {
  try {
    return injectors.map(({ settings }) => parseLabelSelector(settings[name]))
  } catch (error) {
    if (error instanceof SelectorError) return undefined
    throw error
  }
}

interface Wanted {
  values: readonly string[] | undefined
  readonly excluded: Set<string>
  present: boolean
  absent: boolean
}

/** The fewest labels that meet all requirements. Each key is a question of its own, so no combinations need to be tried. */
function satisfy(
  selectors: readonly LabelSelector[] | undefined,
  ofNamespace: boolean,
): Readonly<Record<string, string>> | undefined {
  if (selectors === undefined) return undefined
  const labels: [string, string][] = []
  for (const [key, wanted] of wantedByKey(selectors)) {
    const alwaysThere = ofNamespace && key === NAMESPACE_NAME_LABEL
    const present = wanted.present || wanted.values !== undefined || alwaysThere
    if (present && wanted.absent) return undefined
    if (!present) continue
    const value = (wanted.values ?? [`any-${ofNamespace ? 'namespace' : 'value'}`, 'other']).find(
      (one) => !wanted.excluded.has(one),
    )
    if (value === undefined) return undefined
    labels.push([key, value])
  }
  return Object.fromEntries(labels)
}

function wantedByKey(selectors: readonly LabelSelector[]): ReadonlyMap<string, Wanted> {
  const keys = new Map<string, Wanted>()
  for (const { key, operator, values } of selectors.flatMap(({ requirements }) => requirements)) {
    const wanted = keys.get(key) ?? { values: undefined, excluded: new Set<string>(), present: false, absent: false }
    keys.set(key, wanted)
    switch (operator) {
      case 'In':
        wanted.values = wanted.values === undefined ? values : wanted.values.filter((one) => values.includes(one))
        break
      case 'NotIn':
        for (const value of values) wanted.excluded.add(value)
        break
      case 'Exists':
        wanted.present = true
        break
      case 'DoesNotExist':
        wanted.absent = true
        break
    }
  }
  return keys
}
