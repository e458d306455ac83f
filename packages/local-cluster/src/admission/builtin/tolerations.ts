import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'

const SECONDS = 300
const TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** A Pod stays on a lost node for five minutes, unless it says something else. */
export function giveTolerations(pod: JsonObject): JsonObject {
  const spec = getOwn(pod, 'spec')
  if (!isObject(spec)) return pod
  const given = getOwn(spec, 'tolerations')
  const tolerations = isArray(given) ? given.filter(isObject) : []
  const added = TAINTS.filter((taint) => !tolerations.some((one) => tolerates(one, taint))).map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: SECONDS,
  }))
  return added.length === 0 ? pod : { ...pod, spec: { ...spec, tolerations: [...tolerations, ...added] } }
}

function tolerates(toleration: JsonObject, taint: string): boolean {
  const key = getOwn(toleration, 'key') ?? ''
  const effect = getOwn(toleration, 'effect') ?? ''
  return (key === '' || key === taint) && (effect === '' || effect === 'NoExecute')
}
