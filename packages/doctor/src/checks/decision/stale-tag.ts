import type { JsonPatchOperation } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { deleteConfiguration } from '../../fixes/delete-configuration.ts'
import { allSteps, jsonPatch } from '../../fixes/patch-object.ts'
import { setTagCommand } from '../../fixes/set-tag.ts'
import { type Injector, injectors } from '../../mesh/injectors.ts'
import { nameOf } from '../../reading.ts'
import { REVISION } from './keys.ts'

export const INJ108: Check = {
  id: 'INJ108',
  severity: 'error',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration', 'Service'],
  uses: ['Namespace', 'Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'The tag points to a control plane that is gone', zh: 'tag 指向已被删除的控制平面' },
  looksAt: {
    en: 'Webhook configurations with the label istio.io/tag, and whether the service exists that their webhooks call.',
    zh: '带有 istio.io/tag 标签的 webhook 配置，以及其 webhook 调用的 Service 是否存在。',
  },
  why: {
    en: 'Namespaces with the tag still choose its webhooks. The API server cannot reach them, and with failurePolicy Fail no Pod can be created there.',
    zh: '使用该 tag 的命名空间仍会选中其 webhook。API server 无法访问它们；failurePolicy 为 Fail 时，这些命名空间中无法创建 Pod。',
  },
  remedy: {
    en: 'Move the tag to a revision that exists, or remove it.',
    zh: '把 tag 指向已有的 revision，或删除该 tag。',
  },
  references: ['istio/istio#35690', 'istio/istio#43932'],
  run: (cluster) => {
    const tags = Map.groupBy(
      injectors(cluster).filter(
        (one) => one.tag !== undefined && !one.deactivated && isGone(cluster, one) && !isInstalled(cluster, one),
      ),
      ({ object }) => object,
    )
    return [...tags.values()].flatMap((entries) => finding(cluster, entries))
  },
}

/** Where the Services of that namespace could not be read, nobody knows. */
function isGone(cluster: Cluster, { service }: Injector): boolean {
  if (service === undefined || cluster.unread('Service', service.namespace) !== undefined) return false
  return cluster.find('Service', service.namespace, service.name) === undefined
}

/** The revision itself calls the same Service: then it is not the tag that is wrong, and INJ151 tells. */
function isInstalled(cluster: Cluster, { service }: Injector): boolean {
  return injectors(cluster).some(
    (one) =>
      one.tag === undefined &&
      !one.deactivated &&
      one.service?.name === service?.name &&
      one.service?.namespace === service?.namespace,
  )
}

function finding(cluster: Cluster, entries: readonly Injector[]): CheckOutcome[] {
  const [first] = entries
  if (first?.service === undefined) return []
  const { tag = '', service, revision, object } = first
  const where = `${service.namespace}/${service.name}`
  return [
    {
      outcome: 'found',
      object: objectName(object),
      revision,
      message: {
        en: `Tag ${tag} points to revision ${revision}, but its service ${where} does not exist`,
        zh: `tag ${tag} 指向 revision ${revision}，但其 Service ${where} 不存在`,
      },
      evidence: [
        { path: 'metadata.labels["istio.io/tag"]', value: tag },
        { path: `metadata.labels["${REVISION}"]`, value: revision },
        ...entries.map(({ index }) => ({
          path: `webhooks[${index}].clientConfig.service`,
          value: { namespace: service.namespace, name: service.name },
        })),
        {
          object: { apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name },
          path: 'metadata.name',
        },
      ],
      fix: fix(cluster, entries, first),
      confidence: 'certain',
    },
  ]
}

/** Control planes of the same namespace have the same authority as a rule; only to such a one a tag is moved by itself. */
function fix(cluster: Cluster, entries: readonly Injector[], first: Injector): Fix {
  const { tag = '', service, object } = first
  const alive = injectors(cluster).filter(
    (one) => one.tag === undefined && one.service?.namespace === service?.namespace && !isGone(cluster, one),
  )
  const byRevision = new Map(alive.map((one) => [one.revision, one]))
  const [target] = byRevision.values()
  if (target?.service === undefined) {
    return {
      text: {
        en: `There is no other control plane: remove the tag, or install one and move the tag to it`,
        zh: `没有其他控制平面：删除该 tag，或安装新的控制平面后将 tag 指向它`,
      },
      ...deleteConfiguration(cluster, nameOf(object)),
    }
  }
  if (byRevision.size > 1) {
    const names = [...byRevision.keys()].join(', ')
    return {
      text: { en: `Move the tag to a revision that exists: ${names}`, zh: `把 tag 指向已有的 revision：${names}` },
      commands: [setTagCommand(tag, target)],
      changes: [],
    }
  }
  return {
    text: {
      en: `Point the tag to revision ${target.revision}, as this command does too: ${setTagCommand(tag, target)}`,
      zh: `将 tag 指向 revision ${target.revision}，等同于：${setTagCommand(tag, target)}`,
    },
    ...allSteps(jsonPatch(objectName(object), operations(entries, target))),
  }
}

function operations(entries: readonly Injector[], target: Injector): readonly JsonPatchOperation[] {
  const name = target.service?.name ?? ''
  return [
    { op: 'add', path: '/metadata/labels/istio.io~1rev', value: target.revision },
    ...entries.flatMap(({ index, service }): JsonPatchOperation[] => {
      const path = `/webhooks/${index}/clientConfig/service/name`
      return [
        { op: 'test', path, value: service?.name ?? '' },
        { op: 'replace', path, value: name },
      ]
    }),
  ]
}
