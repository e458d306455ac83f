import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { labelOf, listAt, objectsAt, textAt } from '../reading.ts'

/** One API server that runs as a Pod (kubeadm, kind, OpenShift …). Those of managed control planes cannot be seen. */
export interface ApiServer {
  readonly pod: JsonObject
  readonly container: JsonObject
  /** Index into `spec.containers`. */
  readonly index: number
}

const NAMESPACES = ['kube-system', 'openshift-kube-apiserver'] as const

export const apiServers: (cluster: Cluster) => readonly ApiServer[] = remembered((cluster) =>
  NAMESPACES.flatMap((namespace) => cluster.inNamespace('Pod', namespace)).flatMap((pod) => {
    const containers = objectsAt(pod, 'spec', 'containers')
    const index = containers.findIndex((one) => textAt(one, 'name') === 'kube-apiserver')
    const container = containers[index]
    const isOne =
      labelOf(pod, 'component') === 'kube-apiserver' || textAt(pod, 'metadata', 'name').startsWith('kube-apiserver-')
    return container !== undefined && isOne ? [{ pod, container, index }] : []
  }),
)

/** The value of `--flag=value` among the arguments; undefined without it. */
export function flagOf({ container }: ApiServer, flag: string): string | undefined {
  const prefix = `--${flag}=`
  const found = [...listAt(container, 'command'), ...listAt(container, 'args')].find(
    (one): one is string => typeof one === 'string' && one.startsWith(prefix),
  )
  return found?.slice(prefix.length)
}

/** A variable of its environment, with where it stands. The first of the names that is set to something, as Go asks for them. */
export function variableOf(
  { container, index }: ApiServer,
  names: readonly string[],
): { readonly name: string; readonly value: string; readonly path: string } | undefined {
  const variables = objectsAt(container, 'env')
  for (const name of names) {
    const at = variables.findIndex((one) => textAt(one, 'name') === name)
    const value = textAt(variables[at], 'value')
    if (value !== '') return { name, value, path: `spec.containers[${index}].env[${at}]` }
  }
  return undefined
}
