import type { JsonObject } from '@proa/kube'
import { DEFAULT_REVISION, LABEL, WEBHOOK_NAME } from '../names.ts'
import { SYSTEM_NAMESPACES } from './conditions.ts'

/** Which Pods an entry is about. */
export interface EntrySelectors {
  /** With the dot at its end: `rev.namespace.` */
  readonly prefix: string
  readonly namespaceSelector: JsonObject
  readonly objectSelector: JsonObject
}

/** Which of Istio's entries a configuration has. */
export interface EntryChoice {
  /** The value of `istio.io/rev` that asks for it: a revision or a tag. */
  readonly value: string
  /** Adds the entry for namespaces without labels. Only the default has it. */
  readonly injectUnlabelledNamespaces: boolean
}

type Requirement = Readonly<{ key: string; operator: string; values?: readonly string[] }>

const requirement = (key: string, operator: string, values?: readonly string[]): Requirement =>
  values === undefined ? { key, operator } : { key, operator, values }
const selector = (...matchExpressions: readonly Requirement[]): JsonObject => ({ matchExpressions })
const absent = (key: string): Requirement => requirement(key, 'DoesNotExist')

const noInjectionLabel = absent(LABEL.injection)
const noRevision = absent(LABEL.revision)
const notRefused = requirement(LABEL.inject, 'NotIn', ['false'])

/**
 * Istio's combinations of selectors, such that at most one entry of all revisions and tags matches a Pod.
 *
 * | entry | namespace | Pod |
 * |---|---|---|
 * | `rev.namespace.` | `istio.io/rev` is ours, no `istio-injection` | `sidecar.istio.io/inject` is not `false` |
 * | `rev.object.` | neither label | `istio.io/rev` is ours, inject is not `false` |
 * | `namespace.` (default) | `istio-injection` is `enabled` | inject is not `false` |
 * | `object.` (default) | neither label | inject is `true`, no `istio.io/rev` |
 * | `auto.` (default, if asked for) | neither label, no system namespace | neither label |
 */
export function entrySelectors({ value, injectUnlabelledNamespaces }: EntryChoice): readonly EntrySelectors[] {
  const ours = requirement(LABEL.revision, 'In', [value])
  const entry = (prefix: string, namespaceSelector: JsonObject, objectSelector: JsonObject): EntrySelectors => ({
    prefix,
    namespaceSelector,
    objectSelector,
  })
  const revision = [
    entry('rev.namespace.', selector(ours, noInjectionLabel), selector(notRefused)),
    entry('rev.object.', selector(noRevision, noInjectionLabel), selector(notRefused, ours)),
  ]
  if (value !== DEFAULT_REVISION) return revision
  const injectionEnabled = requirement(LABEL.injection, 'In', ['enabled'])
  const asked = requirement(LABEL.inject, 'In', ['true'])
  const byDefault = [
    entry('namespace.', selector(injectionEnabled), selector(notRefused)),
    entry('object.', selector(noInjectionLabel, noRevision), selector(asked, noRevision)),
  ]
  const notSystem = requirement(LABEL.namespaceName, 'NotIn', SYSTEM_NAMESPACES)
  const automatic = entry(
    'auto.',
    selector(noInjectionLabel, noRevision, notSystem),
    selector(absent(LABEL.inject), noRevision),
  )
  return [...revision, ...byDefault, ...(injectUnlabelledNamespaces ? [automatic] : [])]
}

/** What `istioctl tag set default` gives a webhook that has lost the default: no object has this label. */
export const NEVER_MATCH: JsonObject = { matchLabels: { 'istio.io/deactivated': 'never-match' } }

/** `rev.namespace.sidecar-injector.istio.io` */
export function entryName(prefix: string): string {
  return `${prefix}${WEBHOOK_NAME}`
}
