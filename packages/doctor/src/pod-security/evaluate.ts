import type { JsonObject } from '@proa/kube'
import { BASELINE } from './baseline.ts'
import type { Control, PodSecurityLevel, PodSecurityViolation } from './control.ts'
import { RESTRICTED } from './restricted.ts'

/** A rule of the restricted level that stands for the one of the baseline level about the same fields. */
const REPLACED: Readonly<Record<string, string>> = {
  capabilities_baseline: 'capabilities_restricted',
  hostPathVolumes: 'restrictedVolumes',
  procMount_baseline: 'procMount_restricted',
  seccompProfile_baseline: 'seccompProfile_restricted',
}

/**
 * What Kubernetes' Pod Security admission has against a Pod, in its own words and order (the Pod Security Standards of
 * kubernetes.io, checked against a real API server).
 *
 * @param minor version of the policy: 28 for `v1.28`; `Infinity` for `latest`
 */
export function podSecurityViolations(
  pod: JsonObject,
  level: PodSecurityLevel,
  minor: number,
): readonly PodSecurityViolation[] {
  return controlsOf(level, minor).flatMap(({ name, check }) => {
    const violation = check(pod, minor)
    return violation === undefined ? [] : [{ control: name, ...violation }]
  })
}

function controlsOf(level: PodSecurityLevel, minor: number): readonly Control[] {
  if (level === 'privileged') return []
  const baseline = BASELINE.filter(({ since }) => since <= minor)
  if (level === 'baseline') return baseline
  const restricted = RESTRICTED.filter(({ since }) => since <= minor)
  const names = new Set(restricted.map(({ name }) => name))
  return [...baseline.filter(({ name }) => !names.has(REPLACED[name] ?? '')), ...restricted]
}

/** As the API server writes them after `violates PodSecurity "…": `. */
export function violationsText(violations: readonly PodSecurityViolation[]): string {
  return violations.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ')
}
