import type { Cluster } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import type { Evidence, ObjectName } from '../finding.ts'
import { annotationOf, labelOf } from '../reading.ts'
import type { Subject } from './subjects.ts'

/** What somebody wrote to have (or not to have) a sidecar. */
export interface Wish {
  readonly wants: boolean
  readonly by: 'pod-label' | 'pod-annotation' | 'pod-revision' | 'namespace-label' | 'namespace-revision'
  readonly evidence: Evidence
}

const INJECT = 'sidecar.istio.io/inject'
const REVISION = 'istio.io/rev'
const INJECTION = 'istio-injection'

/** All wishes about a subject, those of the Pod first. Whether they are heard is another question. */
export function wishesOf(cluster: Cluster, subject: Subject): readonly Wish[] {
  const { template } = subject
  const namespace = namespaceLabels(cluster).get(subject.namespace)
  const label = (key: string): string | undefined =>
    namespace !== undefined && Object.hasOwn(namespace, key) ? namespace[key] : undefined
  const inPod = (field: 'labels' | 'annotations', key: string, value: string): Evidence => ({
    path: templateField(subject, `metadata.${field}["${key}"]`),
    value,
  })
  const inNamespace = (key: string, value: string): Evidence => ({
    object: namespaceName(subject.namespace),
    path: `metadata.labels["${key}"]`,
    value,
  })
  const found: (Wish | undefined)[] = [
    wish('pod-label', labelOf(template, INJECT), (value) => inPod('labels', INJECT, value)),
    wish('pod-annotation', annotationOf(template, INJECT), (value) => inPod('annotations', INJECT, value)),
    revision('pod-revision', labelOf(template, REVISION), (value) => inPod('labels', REVISION, value)),
    wish('namespace-label', label(INJECTION), (value) => inNamespace(INJECTION, value)),
    revision('namespace-revision', label(REVISION), (value) => inNamespace(REVISION, value)),
  ]
  return found.filter((one) => one !== undefined)
}

/** Whether somebody asks for the sidecar, and nobody nearer to the Pod asks for the opposite. */
export function isWanted(cluster: Cluster, subject: Subject): boolean {
  return wishesOf(cluster, subject)[0]?.wants ?? false
}

/** The path of a field of the Pod in the object of the subject: `spec.template.metadata.labels["x"]`. */
export function templateField({ templatePath }: Subject, path: string): string {
  return [...templatePath, path].join('.')
}

export function namespaceName(name: string): ObjectName & { readonly apiVersion: string } {
  return { apiVersion: 'v1', kind: 'Namespace', name }
}

/** Other values than these mean nothing to the injector, so they are no wish. */
function wish(by: Wish['by'], value: string | undefined, evidence: (value: string) => Evidence): Wish | undefined {
  if (value === 'true' || value === 'enabled') return { wants: true, by, evidence: evidence(value) }
  if (value === 'false' || value === 'disabled') return { wants: false, by, evidence: evidence(value) }
  return undefined
}

function revision(by: Wish['by'], value: string | undefined, evidence: (value: string) => Evidence): Wish | undefined {
  return value === undefined || value === '' ? undefined : { wants: true, by, evidence: evidence(value) }
}
