import type { JsonObject } from '@proa/kube'
import { objectsAt, textAt } from '../reading.ts'

/** The levels of Kubernetes' Pod Security Standards. `privileged` forbids nothing. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted'

/** Who breaks a rule: containers by name (init and ephemeral ones too), volumes by name, or the Pod's own fields. */
export interface Offenders {
  readonly containers: readonly string[]
  readonly volumes: readonly string[]
  readonly pod: boolean
}

export interface PodSecurityViolation {
  /** Name of the rule in the source of Kubernetes: `capabilities_baseline`. */
  readonly control: string
  /** The words of the API server: `unrestricted capabilities`. */
  readonly reason: string
  /** … and what it adds in brackets. */
  readonly detail: string
  readonly by: Offenders
}

/** A rule of the standards; undefined when the Pod keeps it. `minor`: the version of the policy. */
export interface Control {
  readonly name: string
  /** First policy version (1.x) that has the rule. */
  readonly since: number
  readonly check: (pod: JsonObject, minor: number) => Omit<PodSecurityViolation, 'control'> | undefined
}

/** In the order in which the API server names them. */
export function containersIn(pod: JsonObject): readonly JsonObject[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) => objectsAt(pod, 'spec', list))
}

export const namesOf = (objects: readonly JsonObject[]): readonly string[] =>
  objects.map((object) => textAt(object, 'name'))

export const byContainers = (containers: readonly JsonObject[], pod = false): Offenders => ({
  containers: namesOf(containers),
  volumes: [],
  pod,
})

export const BY_POD: Offenders = { containers: [], volumes: [], pod: true }

/** `"a", "b"` */
export const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ')

export const plural = (count: number, one: string, several: string): string => (count === 1 ? one : several)

export const sortedSet = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted()

/** `container "a"`, `containers "a", "b"` */
export function containersText(containers: readonly JsonObject[]): string {
  return `${plural(containers.length, 'container', 'containers')} ${quoted(namesOf(containers))}`
}

/** `pod and containers "a", "b"`: everybody who sets something that may not be set. */
export function settersText(pod: boolean, containers: readonly JsonObject[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length === 0 ? [] : [containersText(containers)])].join(' and ')
}

/** In a user namespace of its own, root in the container is nobody on the node. */
export function hasUserNamespace(pod: JsonObject): boolean {
  return pod.spec !== null && typeof pod.spec === 'object' && 'hostUsers' in pod.spec && pod.spec.hostUsers === false
}

export function isWindows(pod: JsonObject): boolean {
  return textAt(pod, 'spec', 'os', 'name') === 'windows'
}
