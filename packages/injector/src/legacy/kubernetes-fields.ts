import { type FieldType, isArray, isObject, type Json, type MutableJsonObject, setOwn, structSchema } from '@proa/kube'

/**
 * What Kubernetes has put into the types of a template's result since 1.19, whose Go types Istio 1.8 was built with.
 * Fields below these need no mention: their owner is gone already.
 */
const LATER: Readonly<Record<string, readonly string[]>> = {
  'v1.Container': ['resizePolicy', 'restartPolicy', 'restartPolicyRules'],
  'v1.EnvVarSource': ['fileKeyRef'],
  'v1.ResourceRequirements': ['claims'],
  'v1.VolumeMount': ['recursiveReadOnly'],
  'v1.Probe': ['grpc', 'terminationGracePeriodSeconds'],
  'v1.Lifecycle': ['stopSignal'],
  'v1.LifecycleHandler': ['sleep'],
  'v1.SecurityContext': ['appArmorProfile'],
  'v1.WindowsSecurityContextOptions': ['hostProcess'],
  'v1.Volume': ['image'],
  'v1.VolumeProjection': ['clusterTrustBundle', 'podCertificate'],
  'v1.PersistentVolumeClaimSpec': ['dataSourceRef', 'volumeAttributesClassName'],
}

/** The value without the fields that the types of Kubernetes 1.19 do not have, which Go's reader passes over. */
export function withoutLaterFields(struct: string, value: Json): Json {
  if (!isObject(value)) return value
  const schema = structSchema(struct)
  const later = Object.hasOwn(LATER, struct) ? LATER[struct] : undefined
  const kept: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    if (later?.includes(key)) continue
    const field = schema.byJson(key)
    setOwn(kept, key, field === undefined ? item : within(field.type, item))
  }
  return kept
}

function within(type: FieldType, value: Json): Json {
  if (type.kind === 'struct') return withoutLaterFields(type.struct, value)
  if (type.kind === 'list' && isArray(value)) return value.map((item) => within(type.of, item))
  return value
}
