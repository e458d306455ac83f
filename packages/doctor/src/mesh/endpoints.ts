import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { at, labelOf, listAt, objectsAt, textAt } from '../reading.ts'

/** One address behind a Service. */
export interface Endpoint {
  readonly address: string
  readonly ready: boolean
  /** `namespace/name` of its Pod, where it names one. */
  readonly pod: string | undefined
  readonly slice: JsonObject
  /** Where it stands: `endpoints[0]`. */
  readonly index: number
}

const byService: (cluster: Cluster) => ReadonlyMap<string, readonly JsonObject[]> = remembered((cluster) =>
  Map.groupBy(
    cluster.all('EndpointSlice'),
    (slice) => `${textAt(slice, 'metadata', 'namespace')}/${labelOf(slice, 'kubernetes.io/service-name') ?? ''}`,
  ),
)

/** The EndpointSlices of a Service, also those that somebody wrote by hand. */
export function slicesOf(cluster: Cluster, namespace: string, service: string): readonly JsonObject[] {
  return byService(cluster).get(`${namespace}/${service}`) ?? []
}

/** Every address behind a Service. Not set counts as ready, as in Kubernetes. */
export function endpointsOf(cluster: Cluster, namespace: string, service: string): readonly Endpoint[] {
  return slicesOf(cluster, namespace, service).flatMap((slice) =>
    objectsAt(slice, 'endpoints').flatMap((endpoint, index) =>
      listAt(endpoint, 'addresses').flatMap((address): Endpoint[] => {
        if (typeof address !== 'string') return []
        const pod = textAt(endpoint, 'targetRef', 'kind') === 'Pod' ? textAt(endpoint, 'targetRef', 'name') : ''
        return [
          {
            address,
            ready: at(endpoint, 'conditions', 'ready') !== false,
            pod: pod === '' ? undefined : `${textAt(endpoint, 'targetRef', 'namespace') || namespace}/${pod}`,
            slice,
            index,
          },
        ]
      }),
    ),
  )
}

/** Addresses of the API servers, as the Service `default/kubernetes` knows them. */
export function apiServerAddresses(cluster: Cluster): readonly string[] {
  return endpointsOf(cluster, 'default', 'kubernetes').map(({ address }) => address)
}
