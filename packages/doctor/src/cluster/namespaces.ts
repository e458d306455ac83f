import { type LabelMap, labelsOf } from '@proa/kube'
import { nameOf } from '../reading.ts'
import { type Cluster, remembered } from './cluster.ts'

/** Labels of the namespaces by name. A namespace that is not there is not known. */
export const namespaceLabels: (cluster: Cluster) => ReadonlyMap<string, LabelMap> = remembered(
  (cluster) => new Map(cluster.all('Namespace').map((namespace) => [nameOf(namespace), labelsOf(namespace)])),
)
