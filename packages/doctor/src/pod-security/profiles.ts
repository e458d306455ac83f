import { isObject, type JsonObject } from '@proa/kube'
import { at, textAt, textsAt } from '../reading.ts'
import {
  BY_POD,
  byContainers,
  type Control,
  containersIn,
  containersText,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './control.ts'

const SAFE_PROFILES: ReadonlySet<string> = new Set(['RuntimeDefault', 'Localhost'])

const seccompType = (of: JsonObject): string | undefined => profileType(of, 'seccompProfile')

function profileType(of: JsonObject, field: 'seccompProfile' | 'appArmorProfile'): string | undefined {
  const profile = at(of, 'securityContext', field)
  return isObject(profile) ? textAt(profile, 'type') : undefined
}

const isBad = (type: string | undefined): type is string => type !== undefined && !SAFE_PROFILES.has(type)

/** Whoever sets a profile sets RuntimeDefault or Localhost. */
export const seccompBaseline: Control['check'] = (pod) => {
  const own = seccompType(specOf(pod))
  const bad = containersIn(pod).filter((container) => isBad(seccompType(container)))
  if (!isBad(own) && bad.length === 0) return undefined
  const types = [own, ...bad.map(seccompType)].filter(isBad)
  return {
    reason: 'seccompProfile',
    detail: `${settersText(isBad(own), bad)} must not set securityContext.seccompProfile.type to ${quoted(sortedSet(types))}`,
    by: byContainers(bad, isBad(own)),
  }
}

/** … and everybody has one. */
export const seccompRestricted: Control['check'] = (pod, minor) => {
  const wrong = seccompBaseline(pod, minor)
  if (wrong !== undefined) return wrong
  if (seccompType(specOf(pod)) !== undefined) return undefined
  const bad = containersIn(pod).filter((container) => seccompType(container) === undefined)
  if (bad.length === 0) return undefined
  return {
    reason: 'seccompProfile',
    detail: `pod or ${containersText(bad)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
    by: byContainers(bad),
  }
}

function specOf(pod: JsonObject): JsonObject {
  return isObject(pod.spec) ? pod.spec : {}
}

const APP_ARMOR_PREFIX = 'container.apparmor.security.beta.kubernetes.io/'

/** Fields since Kubernetes 1.30, annotations before; the API server copies an annotation into the field of its container. */
export const appArmorProfile: Control['check'] = (pod) => {
  const annotations = textsAt(pod, 'metadata', 'annotations')
  const annotated = (container: JsonObject): string | undefined =>
    annotations[`${APP_ARMOR_PREFIX}${textAt(container, 'name')}`] === 'unconfined' ? 'Unconfined' : undefined
  const typeOf = (container: JsonObject): string | undefined =>
    profileType(container, 'appArmorProfile') ?? annotated(container)
  const own = profileType(specOf(pod), 'appArmorProfile')
  const bad = containersIn(pod).filter((container) => isBad(typeOf(container)))
  const texts = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APP_ARMOR_PREFIX) && !isSafeAnnotation(value))
    .map(([key, value]) => `"${key}="${value}""`)
    .toSorted()
  if (!isBad(own) && bad.length === 0 && texts.length === 0) return undefined
  const setters = [
    settersText(isBad(own), bad),
    texts.length === 0 ? '' : plural(texts.length, 'annotation', 'annotations'),
  ].filter((text) => text !== '')
  const types = [own, ...bad.map(typeOf)].filter(isBad)
  const values = [...sortedSet(types).map((type) => JSON.stringify(type)), ...texts]
  return {
    reason: plural(values.length, 'forbidden AppArmor profile', 'forbidden AppArmor profiles'),
    detail: `${setters.join(' and ')} must not set AppArmor profile type to ${values.join(', ')}`,
    by: byContainers(bad, isBad(own)),
  }
}

const isSafeAnnotation = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/')

/** By the policy version that first allows them. */
const SELINUX_TYPES: Readonly<Record<string, number>> = {
  '': 0,
  container_t: 0,
  container_init_t: 0,
  container_kvm_t: 0,
  container_engine_t: 31,
}

export const seLinuxOptions: Control['check'] = (pod, minor) => {
  const problems = (of: JsonObject): readonly ('type' | 'user' | 'role')[] => {
    const type = textAt(of, 'securityContext', 'seLinuxOptions', 'type')
    const allowed = Object.hasOwn(SELINUX_TYPES, type) && (SELINUX_TYPES[type] ?? 0) <= minor
    const set = (field: 'user' | 'role'): boolean => textAt(of, 'securityContext', 'seLinuxOptions', field) !== ''
    return [...(allowed ? [] : ['type' as const]), ...(['user', 'role'] as const).filter(set)]
  }
  const own = problems(specOf(pod))
  const bad = containersIn(pod).filter((container) => problems(container).length > 0)
  if (own.length === 0 && bad.length === 0) return undefined
  const offenders = [...(own.length === 0 ? [] : [specOf(pod)]), ...bad]
  const all = new Set(offenders.flatMap(problems))
  const types = sortedSet(
    offenders
      .filter((one) => problems(one).includes('type'))
      .map((one) => textAt(one, 'securityContext', 'seLinuxOptions', 'type')),
  )
  const data = [
    ...(types.length === 0 ? [] : [`${plural(types.length, 'type', 'types')} ${quoted(types)}`]),
    ...(['user', 'role'] as const).filter((field) => all.has(field)).map((field) => `${field} may not be set`),
  ]
  return {
    reason: 'seLinuxOptions',
    detail: `${settersText(own.length > 0, bad)} set forbidden securityContext.seLinuxOptions: ${data.join('; ')}`,
    by: bad.length === 0 ? BY_POD : byContainers(bad, own.length > 0),
  }
}
