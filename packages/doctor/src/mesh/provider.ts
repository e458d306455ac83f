import { type Cluster, remembered } from '../cluster/cluster.ts'
import type { Evidence } from '../finding.ts'
import { labelOf, nameOf, objectAt, textAt } from '../reading.ts'

/** Who runs the control plane, as far as its nodes show. Names are those of the provider; "" where nothing tells. */
export type Provider =
  | {
      readonly kind: 'gke'
      readonly project: string
      readonly location: string
      readonly cluster: string
      readonly evidence: Evidence
    }
  | {
      readonly kind: 'eks'
      readonly region: string
      readonly cluster: string
      readonly instance: string
      readonly evidence: Evidence
    }
  | { readonly kind: 'aks'; readonly resourceGroup: string; readonly evidence: Evidence }

/** By `spec.providerID`, labels of the nodes, and the version of the API server. */
export const provider: (cluster: Cluster) => Provider | undefined = remembered((cluster) => {
  for (const node of cluster.all('Node')) {
    const id = textAt(node, 'spec', 'providerID')
    const evidence: Evidence = {
      object: { apiVersion: 'v1', kind: 'Node', name: nameOf(node) },
      path: 'spec.providerID',
      value: id,
    }
    const pool = labelOf(node, 'cloud.google.com/gke-nodepool')
    if (id.startsWith('gce://') && pool !== undefined) {
      const [project = '', location = '', instance = ''] = id.slice('gce://'.length).split('/')
      return {
        kind: 'gke',
        project,
        location: regionLabel(node) || location,
        cluster: gkeCluster(instance, pool),
        evidence,
      }
    }
    if (id.startsWith('aws://') && isEks(cluster, node)) {
      const [zone = '', instance = ''] = id.slice('aws:///'.length).split('/')
      const region = regionLabel(node) || zone.replace(/[a-z]$/, '')
      const name = labelOf(node, 'alpha.eksctl.io/cluster-name') ?? labelOf(node, 'eks.amazonaws.com/cluster') ?? ''
      return { kind: 'eks', region, cluster: name, instance, evidence }
    }
    if (id.startsWith('azure://') && labelOf(node, 'kubernetes.azure.com/cluster') !== undefined) {
      return { kind: 'aks', resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? '', evidence }
    }
  }
  return undefined
})

const regionLabel = (node: Parameters<typeof labelOf>[0]): string =>
  labelOf(node, 'topology.kubernetes.io/region') ?? ''

function isEks(cluster: Cluster, node: Parameters<typeof labelOf>[0]): boolean {
  const labels = Object.keys(objectAt(node, 'metadata', 'labels'))
  const labelled = labels.some((key) => key.startsWith('eks.amazonaws.com/'))
  return labelled || /-eks-/.test(cluster.snapshot.kubernetesVersion ?? '')
}

/** Machines are called `gke-<cluster>-<pool>-<hash>-<four>`, long names cut. */
function gkeCluster(instance: string, pool: string): string {
  const found = /^gke-(.+)-[0-9a-f]{8}-[0-9a-z]{4}$/.exec(instance)?.[1]
  if (found === undefined) return ''
  return found.endsWith(`-${pool}`) ? found.slice(0, -pool.length - 1) : found
}
