import type { Json } from '@proa/kube'
import { objectName } from '../cluster/cluster.ts'
import type { Evidence } from '../finding.ts'
import type { Subject } from './subjects.ts'
import { templateField } from './wishes.ts'

/** A field of the Pod as its controller creates it, where it stands: in the workload, or in a Pod where the workload is not known. */
export function templateEvidence(subject: Subject, path: string, value?: Json): Evidence {
  const rest = value === undefined ? {} : { value }
  const [pod] = subject.pods
  const isPods = subject.owner === undefined || (subject.templatePath.length === 0 && subject.object.kind !== 'Pod')
  if (isPods && pod !== undefined) return { object: objectName(pod), path, ...rest }
  return { object: subject.object, path: templateField(subject, path), ...rest }
}
