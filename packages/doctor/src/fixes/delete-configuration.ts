import { type Cluster, remembered } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import { namespaceVerdict } from '../mesh/namespace-verdicts.ts'
import { subjects } from '../subjects/subjects.ts'
import { type Verdict, verdictOf } from '../subjects/verdict.ts'
import { deleteObject, leftToPeople, type Step } from './patch-object.ts'

/** Configurations that are called for something: a workload, or any Pod of a namespace. */
const inUse: (cluster: Cluster) => ReadonlySet<string> = remembered((cluster) => {
  const verdicts: Verdict[] = [
    ...subjects(cluster).map((subject) => verdictOf(cluster, subject)),
    ...[...namespaceLabels(cluster).keys()].map((name) => namespaceVerdict(cluster, name)),
  ]
  return new Set(
    verdicts.flatMap(({ webhooks }) =>
      webhooks.injectors.flatMap(({ injector, verdict }) => (verdict.called === false ? [] : [injector.configuration])),
    ),
  )
})

/**
 * Deletes a configuration of injection webhooks. One that fails closed keeps out the Pods that ask for it, which would run without
 * a sidecar then: while there are some, that is for people to decide.
 */
export function deleteConfiguration(cluster: Cluster, name: string): Step {
  const step = deleteObject({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    name,
  })
  return inUse(cluster).has(name) ? leftToPeople(step) : step
}
