import type { JsonObject } from '@proa/kube'
import { objectName } from '../../cluster/cluster.ts'
import { type FieldWrite, hasManagedFields } from '../../cluster/managed-fields.ts'
import type { Evidence } from '../../finding.ts'
import { textAt, timeAt, timeText } from '../../reading.ts'

export function createdAt(object: JsonObject): number | undefined {
  return timeAt(object, 'metadata', 'creationTimestamp')
}

export function createdEvidence(object: JsonObject): Evidence {
  return {
    object: objectName(object),
    path: 'metadata.creationTimestamp',
    value: textAt(object, 'metadata', 'creationTimestamp'),
  }
}

/** The entry of managedFields that tells when a field was written. */
export function writeEvidence(object: JsonObject, { index, manager, time }: FieldWrite, field: string): Evidence {
  return {
    object: objectName(object),
    path: `metadata.managedFields[${index}].time`,
    value: timeText(time),
    label: { en: `${manager} wrote ${field}`, zh: `${manager} 写入 ${field}` },
  }
}

export function tellsTimes(object: JsonObject | undefined): boolean {
  return object !== undefined && hasManagedFields(object)
}
