import { APP_NAME, LABEL } from '../names.ts'

/** A Pod for which the expression (CEL) is false is none of the webhook's business. */
export interface Condition {
  readonly name: string
  readonly expression: string
}

/** Istio injects nothing here, and what runs here keeps the cluster alive. */
export const SYSTEM_NAMESPACES: readonly string[] = [
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
]

/** The kubelet makes a mirror Pod of each static one and deletes it again when it comes back changed. */
const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

const quoted = (text: string): string => `'${text}'`

/**
 * Excludes Pods that never get a sidecar and that a cluster needs to get up, or to get the injector up: a webhook that
 * is down must not stand in its own way. Nothing here depends on labels of namespaces, so nobody can undo it by labelling.
 *
 * @param namespace where injectors run
 */
export function matchConditions(namespace: string): readonly Condition[] {
  const label = quoted(LABEL.name)
  const labels = 'object.metadata.labels'
  return [
    {
      name: 'not-the-injector',
      expression: `!(request.namespace == ${quoted(namespace)} && has(object.metadata) && has(${labels}) && ${label} in ${labels} && ${labels}[${label}] == ${quoted(APP_NAME)})`,
    },
    {
      name: 'not-a-system-namespace',
      expression: `!(request.namespace in [${SYSTEM_NAMESPACES.map(quoted).join(', ')}])`,
    },
    {
      name: 'not-a-mirror-pod',
      expression: `!(has(object.metadata) && has(object.metadata.annotations) && ${quoted(MIRROR_ANNOTATION)} in object.metadata.annotations)`,
    },
    {
      name: 'not-on-the-host-network',
      expression: '!(has(object.spec) && has(object.spec.hostNetwork) && object.spec.hostNetwork)',
    },
  ]
}
