import { isObject, type JsonObject } from '@proa/kube'
import { containersOf, listOf, textOf } from '../data/fields.ts'
import { ENV, LABEL } from '../names.ts'
import { entriesOf, withEntries } from '../pod/edit.ts'

type Labels = Readonly<Record<string, string>>

const MUTUAL_TLS = 'istio'
const DEFAULT_VERSION = 'latest'

/**
 * Labels the Pod for the control plane. A label that is there and not empty stays.
 *
 * @param workloadName what the workload is called where no label names it
 * @param additions    holds the containers that the template adds; one of them knows the network
 */
export function labelPod(pod: JsonObject, additions: JsonObject, revision: string, workloadName: string): JsonObject {
  const labels = entriesOf(pod, 'labels')
  const network = networkOf(additions)
  const wanted: Labels = {
    [LABEL.revision]: revision,
    [LABEL.tlsMode]: MUTUAL_TLS,
    [LABEL.canonicalName]: firstOf(labels, [LABEL.canonicalName, 'app.kubernetes.io/name', 'app']) ?? workloadName,
    [LABEL.canonicalRevision]:
      firstOf(labels, [LABEL.canonicalRevision, 'app.kubernetes.io/version', 'version']) ?? DEFAULT_VERSION,
    ...(network === '' ? {} : { [LABEL.network]: network }),
  }
  const missing = Object.entries(wanted).filter(([key]) => !Object.hasOwn(labels, key) || labels[key] === '')
  return withEntries(pod, 'labels', Object.fromEntries(missing))
}

/** The value of the first of these labels that is there, even if it is empty. */
function firstOf(labels: Labels, keys: readonly string[]): string | undefined {
  const key = keys.find((each) => Object.hasOwn(labels, each))
  return key === undefined ? undefined : labels[key]
}

function networkOf(additions: JsonObject): string {
  const env = containersOf(additions, 'containers').flatMap((container) => listOf(container, 'env').filter(isObject))
  return textOf(
    env.find((entry) => entry.name === ENV.network),
    'value',
  )
}
