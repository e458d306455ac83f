import {
  type JsonObject,
  type MutatingWebhook,
  podCreation,
  readWebhookConfiguration,
  selectWebhooks,
} from '@proa/kube'
import { workloadsBehind } from '../../certificates/control-plane.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import { objectsAt, textAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'

/** An entry of a mutating or validating configuration that fails closed and is answered in the cluster. */
export interface ClosedWebhook {
  readonly object: JsonObject
  readonly entry: JsonObject
  readonly index: number
  readonly settings: MutatingWebhook
  /** `istio-system/istiod` */
  readonly server: string
}

const closedWebhooks: (cluster: Cluster) => readonly ClosedWebhook[] = remembered((cluster) => {
  const objects = [...cluster.all('MutatingWebhookConfiguration'), ...cluster.all('ValidatingWebhookConfiguration')]
  return objects.flatMap((object) => {
    const entries = objectsAt(object, 'webhooks')
    return readWebhookConfiguration(object).webhooks.flatMap((settings, index): ClosedWebhook[] => {
      const entry = entries[index]
      const server = serverOf(settings)
      if (entry === undefined || server === undefined || settings.failurePolicy !== 'Fail') return []
      return [{ object, entry, index, settings, server }]
    })
  })
})

function serverOf({ clientConfig }: MutatingWebhook): string | undefined {
  const [namespace, name] = [textAt(clientConfig, 'service', 'namespace'), textAt(clientConfig, 'service', 'name')]
  return name === '' ? undefined : `${namespace}/${name}`
}

/** What answers for admission webhooks, by server. */
const admissionServers: (cluster: Cluster) => ReadonlyMap<string, readonly Subject[]> = remembered((cluster) => {
  const servers = new Set(closedWebhooks(cluster).map(({ server }) => server))
  return new Map(
    [...servers].map((server): [string, readonly Subject[]] => {
      const [namespace = '', name = ''] = server.split('/')
      return [server, workloadsBehind(cluster, { service: { namespace, name, path: '/' } })]
    }),
  )
})

/** A server the Pods of which cannot be created while another does not answer. */
export interface Need {
  readonly server: string
  readonly needs: string
  /** The webhook of the other that is called for the Pods of the first. */
  readonly webhook: ClosedWebhook
  readonly subject: Subject
}

export const admissionNeeds: (cluster: Cluster) => readonly Need[] = remembered((cluster) => {
  const configurations = [...Map.groupBy(closedWebhooks(cluster), ({ object }) => object)]
  return [...admissionServers(cluster)].flatMap(([server, workloads]) =>
    workloads.flatMap((subject) => {
      const labels = namespaceLabels(cluster).get(subject.namespace)
      if (labels === undefined) return []
      const request = podCreation(subject.namespace, subject.template, labels)
      return configurations.flatMap(([object, webhooks]) => {
        const called = selectWebhooks([object], request)
        return webhooks
          .filter((webhook) => webhook.server !== server && called[webhook.index]?.called === true)
          .map((webhook): Need => ({ server, needs: webhook.server, webhook, subject }))
      })
    }),
  )
})
