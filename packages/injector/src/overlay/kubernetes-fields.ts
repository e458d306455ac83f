import { type FieldType, isArray, isObject, type Json, type MutableJsonObject, setOwn, structSchema } from '@proa/kube'

/** The minor release of Kubernetes whose Go types each Istio was built with, from Istio 1.8 on (its `go.mod`). */
const KUBERNETES_OF_ISTIO = [
  19, 20, 20, 21, 22, 24, 24, 24, 25, 26, 27, 28, 28, 29, 30, 30, 31, 32, 33, 33, 34, 35, 35, 36,
] as const
const FIRST_ISTIO = 8

/**
 * Fields of a Pod's spec by the minor release of Kubernetes that brought them, after 1.19. Fields below these need no
 * mention: their owner is gone already.
 */
const SINCE: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'v1.Container': { resizePolicy: 27, restartPolicy: 28, restartPolicyRules: 34 },
  'v1.EnvVarSource': { fileKeyRef: 34 },
  'v1.EphemeralContainer': { resizePolicy: 27, restartPolicy: 28, restartPolicyRules: 34 },
  'v1.Lifecycle': { stopSignal: 33 },
  'v1.LifecycleHandler': { sleep: 29 },
  'v1.PersistentVolumeClaimSpec': { dataSourceRef: 22, volumeAttributesClassName: 29 },
  'v1.PodAffinityTerm': { matchLabelKeys: 29, mismatchLabelKeys: 29, namespaceSelector: 21 },
  'v1.PodSecurityContext': { appArmorProfile: 30, seLinuxChangePolicy: 32, supplementalGroupsPolicy: 31 },
  'v1.PodSpec': {
    hostUsers: 25,
    hostnameOverride: 34,
    os: 23,
    resourceClaims: 26,
    resources: 32,
    schedulingGates: 26,
    schedulingGroup: 36,
    workloadRef: 35,
  },
  'v1.Probe': { grpc: 23, terminationGracePeriodSeconds: 21 },
  'v1.ResourceRequirements': { claims: 26 },
  'v1.SecurityContext': { appArmorProfile: 30 },
  'v1.TopologySpreadConstraint': { matchLabelKeys: 25, minDomains: 24, nodeAffinityPolicy: 25, nodeTaintsPolicy: 25 },
  'v1.Volume': { image: 31 },
  'v1.VolumeMount': { recursiveReadOnly: 30 },
  'v1.VolumeProjection': { clusterTrustBundle: 29, podCertificate: 34 },
  'v1.WindowsSecurityContextOptions': { hostProcess: 22 },
}

const LATEST = Math.max(...Object.values(SINCE).flatMap((fields) => Object.values(fields)))

/**
 * What a template makes, without the fields that the Go types of that Istio release do not have: its reader passes
 * over them. It matters: charts of 1.9 to 1.18 write `restartPolicy: Always` into init containers, which only later
 * Kubernetes understands, and which would then run istio-init for ever.
 *
 * @param struct Go's name of the value's type: `v1.Pod`
 * @param minor  the release of Istio
 */
export function withoutLaterFields(struct: string, value: Json, minor: number): Json {
  const kubernetes = KUBERNETES_OF_ISTIO[minor - FIRST_ISTIO] ?? LATEST
  return kubernetes >= LATEST ? value : keepKnown(struct, value, kubernetes)
}

function keepKnown(struct: string, value: Json, kubernetes: number): Json {
  if (!isObject(value)) return value
  const schema = structSchema(struct)
  const since = Object.hasOwn(SINCE, struct) ? SINCE[struct] : undefined
  const kept: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (since !== undefined && Object.hasOwn(since, key) && (since[key] ?? 0) > kubernetes) continue
    const field = schema.byJson(key)
    setOwn(kept, key, field === undefined ? item : within(field.type, item, kubernetes))
  }
  return kept
}

function within(type: FieldType, value: Json, kubernetes: number): Json {
  if (type.kind === 'struct') return keepKnown(type.struct, value, kubernetes)
  if (type.kind === 'list' && isArray(value)) return value.map((item) => within(type.of, item, kubernetes))
  return value
}
