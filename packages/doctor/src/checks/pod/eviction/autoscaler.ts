import { isArray, type JsonObject } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../../../cluster/cluster.ts'
import { events } from '../../../cluster/events.ts'
import type { Evidence } from '../../../finding.ts'
import { at, labelOf, nameOf, objectsAt, textAt } from '../../../reading.ts'
import { readImage } from '../image-reference.ts'

export type Provider = 'GKE' | 'EKS' | 'AKS'

/** The cluster autoscaler, as far as it can be seen. */
export interface Autoscaler {
  /** `runs`: its own Deployment; `acts`: it left traces; `unseen`: nothing tells that there is one. */
  readonly seen: 'runs' | 'acts' | 'unseen'
  /** `--skip-nodes-with-local-storage=false`: it does not care about local storage. */
  readonly ignoresLocalStorage: boolean
  /** The minor release of Kubernetes that it is of; undefined: not known, taken as a current one. */
  readonly minor: number | undefined
  readonly evidence: readonly Evidence[]
  /** Where the nodes are from. */
  readonly provider: Provider | undefined
  /** Karpenter makes the nodes; it does not look at local storage. */
  readonly karpenter: boolean
}

const FLAG = /^--?skip-nodes-with-local-storage=(?<value>.*)$/

export const autoscalerOf: (cluster: Cluster) => Autoscaler = remembered((cluster) => {
  const nodes = cluster.all('Node')
  const place = {
    provider: providerOf(nodes),
    karpenter: nodes.some((node) => labelOf(node, 'karpenter.sh/nodepool') !== undefined),
  }
  const running = findRunning(cluster)
  if (running !== undefined) return { ...place, seen: 'runs', ...running }
  const evidence = traces(cluster)
  const unknown = { ignoresLocalStorage: false, minor: undefined, evidence }
  return { ...place, seen: evidence.length > 0 ? 'acts' : 'unseen', ...unknown }
})

const PROVIDERS: readonly (readonly [string, Provider])[] = [
  ['cloud.google.com/gke-nodepool', 'GKE'],
  ['eks.amazonaws.com/nodegroup', 'EKS'],
  ['kubernetes.azure.com/agentpool', 'AKS'],
  ['kubernetes.azure.com/cluster', 'AKS'],
]

function providerOf(nodes: readonly JsonObject[]): Provider | undefined {
  for (const node of nodes) {
    const found = PROVIDERS.find(([label]) => labelOf(node, label) !== undefined)
    if (found !== undefined) return found[1]
  }
  return undefined
}

function findRunning(cluster: Cluster): Pick<Autoscaler, 'ignoresLocalStorage' | 'minor' | 'evidence'> | undefined {
  for (const deployment of cluster.all('Deployment')) {
    const containers = objectsAt(deployment, 'spec', 'template', 'spec', 'containers')
    const container = containers.find((one) => /(^|\/)cluster-autoscaler([:@-]|$)/.test(textAt(one, 'image')))
    if (container === undefined || at(deployment, 'spec', 'replicas') === 0) continue
    const object = objectName(deployment)
    const path = `spec.template.spec.containers[name=${nameOf({ metadata: container })}]`
    const flag = wordsOf(container).find((word) => FLAG.test(word))
    return {
      ignoresLocalStorage: /^(false|f|0)$/i.test(FLAG.exec(flag ?? '')?.groups?.value ?? ''),
      minor: minorOf(textAt(container, 'image')),
      evidence: [
        { object, path: `${path}.image`, value: textAt(container, 'image') },
        {
          object,
          path: `${path}.args[--skip-nodes-with-local-storage]`,
          ...(flag === undefined ? {} : { value: flag }),
        },
      ],
    }
  }
  return undefined
}

function wordsOf(container: JsonObject): readonly string[] {
  const words = [container.command, container.args].flatMap((list) => (isArray(list) ? [...list] : []))
  return words.filter((word) => typeof word === 'string').flatMap((word) => word.split(/\s+/))
}

/** Its releases are numbered as those of Kubernetes. */
function minorOf(image: string): number | undefined {
  const minor = /^v?1\.(?<minor>\d{1,3})\./.exec(readImage(image).tag ?? '')?.groups?.minor
  return minor === undefined ? undefined : Number(minor)
}

/** A managed autoscaler runs where nobody sees it; it writes Events and a ConfigMap. */
function traces(cluster: Cluster): readonly Evidence[] {
  const status = cluster.find('ConfigMap', 'kube-system', 'cluster-autoscaler-status')
  if (status !== undefined) return [{ object: objectName(status), path: 'metadata.name', value: nameOf(status) }]
  const event = events(cluster).find(({ object }) => {
    const source =
      textAt(object, 'source', 'component') ||
      textAt(object, 'reportingComponent') ||
      textAt(object, 'reportingController')
    return source === 'cluster-autoscaler'
  })
  if (event === undefined) return []
  const { kind, namespace, name, reason, message } = event
  return [
    {
      object: { kind, ...(namespace === '' ? {} : { namespace }), name },
      path: `events[reason=${reason}].message`,
      value: message,
    },
  ]
}
