import type { Certificate } from '../../certificates/certificate.ts'
import { makerOf, workloadsBehind } from '../../certificates/control-plane.ts'
import { certificateText } from '../../certificates/in-use.ts'
import {
  authorityCertificates,
  type InjectorBundle,
  injectorBundles,
  rootConfigMaps,
} from '../../certificates/places.ts'
import { isSelfIssued } from '../../certificates/trust.ts'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type ClusterEvent, eventsAbout } from '../../cluster/events.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { annotationOf, labelOf, objectsAt, textAt, timeText } from '../../reading.ts'
import { type BundleWriter, bundleWriters, isControlPlane, isHelm, isLasting } from './bundle-writers.ts'

export const INJ207: Check = {
  id: 'INJ207',
  severity: 'warn',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Event', 'Deployment', 'Service'],
  title: { en: 'several writers of caBundle', zh: 'caBundle 有多个写入者' },
  looksAt: {
    en: 'Who owns webhooks[].clientConfig.caBundle by managedFields, and what the injector reports in Events. `kubectl get -o yaml` leaves managedFields out unless it is asked with --show-managed-fields. A person with kubectl patch does not count.',
    zh: '按 managedFields 查看 webhooks[].clientConfig.caBundle 的所有者，以及注入器在 Event 中的报告。`kubectl get -o yaml` 需加 --show-managed-fields 才会输出 managedFields。人工 kubectl patch 不算。',
  },
  why: {
    en: 'The control plane writes its root, the other tool writes what is in Git or in a chart. In between the API server does not trust the injector, and at the latest when the root rotates Pods can no longer be created.',
    zh: '控制平面写入自己的根证书，另一个工具写回 Git 或 chart 中的值。其间 API server 不信任注入器，最迟在根证书轮换时将无法创建 Pod。',
  },
  remedy: {
    en: 'One owner: leave caBundle out of manifests and charts, or tell the tool to ignore the field.',
    zh: '只保留一个所有者：从清单和 chart 中删除 caBundle，或让该工具忽略此字段。',
  },
  references: ['argoproj/argo-cd#1487', 'istio/istio#52785', 'istio/istio#19349'],
  run: (cluster) => perConfiguration(cluster).flatMap((group) => rivals(cluster, group)),
}

function perConfiguration(cluster: Cluster): readonly (readonly InjectorBundle[])[] {
  return [...Map.groupBy(injectorBundles(cluster), ({ injector }) => injector.configuration).values()]
}

function rivals(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  const [first] = group
  if (first === undefined) return []
  const { injector, object } = first
  const called = new Set(group.map((one) => one.injector.index))
  const writers = bundleWriters(injector.object).filter(
    ({ manager, index }) => isLasting(manager) && index !== undefined && called.has(index),
  )
  const managers = [...new Set(writers.map(({ manager }) => manager))]
  const foreign = managers.filter((manager) => !isControlPlane(manager))
  const event = rivalEvent(cluster, injector.configuration)
  const several = managers.length > 1 || event !== undefined
  if (!several && !(foreign.length > 0 && writesItself(cluster, first))) return []
  const shown =
    managers.length > 1 ? managers : [...managers, ...reported(event), makerOf(injector) === 'proa' ? 'proa' : 'istiod']
  return [
    {
      outcome: 'found',
      object,
      revision: injector.revision,
      message: {
        en: `The caBundle of ${object.name} has several writers: ${shown.join(', ')}`,
        zh: `${object.name} 的 caBundle 有多个写入者：${shown.join('、')}`,
      },
      evidence: [...writers.map(writerEvidence), ...(event === undefined ? [] : [eventEvidence(event)])],
      confidence: several ? 'certain' : 'likely',
      fix: ONE_OWNER,
    },
  ]
}

/** istiod writes the bundle unless it was told not to; proa's injector with certificates from files does not. */
function writesItself(cluster: Cluster, { injector }: InjectorBundle): boolean {
  if (makerOf(injector) === 'proa') return false
  return workloadsBehind(cluster, injector).some(({ template }) =>
    objectsAt(template, 'spec', 'containers').every((container) =>
      objectsAt(container, 'env').every(
        (one) => one.name !== 'INJECTION_WEBHOOK_CONFIG_NAME' || textAt(one, 'value') !== '',
      ),
    ),
  )
}

function rivalEvent(cluster: Cluster, configuration: string): ClusterEvent | undefined {
  return eventsAbout(cluster, 'MutatingWebhookConfiguration', '', configuration).find(({ message }) =>
    /keeps changing the caBundle/.test(message),
  )
}

/** The injector names the others with their operation: `argocd-controller (Apply)`. */
function reported(event: ClusterEvent | undefined): readonly string[] {
  const names = /keeps changing the caBundle of \S+: (.+?)\. /.exec(event?.message ?? '')?.[1]
  return names === undefined ? [] : [names]
}

function writerEvidence({ path, manager, operation, time, webhook }: BundleWriter): Evidence {
  const when = time === undefined ? '' : `, ${timeText(time)}`
  return {
    path,
    value: manager,
    label: {
      en: `${operation} of caBundle in ${webhook}${when}`,
      zh: `${operation} 写入 ${webhook} 的 caBundle${when}`,
    },
  }
}

function eventEvidence({ message }: ClusterEvent): Evidence {
  return { path: 'events[0].message', value: message }
}

const ONE_OWNER: Fix = {
  text: {
    en: 'Take caBundle out of the manifest or the chart, so that only the control plane writes it. Argo CD: ignoreDifferences with jqPathExpressions [".webhooks[]?.clientConfig.caBundle"] and the sync option RespectIgnoreDifferences=true',
    zh: '从清单或 chart 中删除 caBundle，只让控制平面写入。Argo CD：在 ignoreDifferences 中设置 jqPathExpressions [".webhooks[]?.clientConfig.caBundle"]，并启用同步选项 RespectIgnoreDifferences=true',
  },
  commands: [],
  changes: [],
}

export const INJ208: Check = {
  id: 'INJ208',
  severity: 'warn',
  category: 'certificates',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['ConfigMap', 'Secret'],
  title: { en: 'Helm makes a new CA on each upgrade', zh: 'Helm 每次升级都会生成新的 CA' },
  looksAt: {
    en: 'Webhook configurations of a Helm release whose caBundle Helm wrote: whether its self-signed root was created in the moment of the upgrade (genCA), and is none of the control plane.',
    zh: '属于 Helm release 且 caBundle 由 Helm 写入的 webhook 配置：其自签名根证书是否在升级的同一时刻生成（genCA），且不是控制平面的根证书。',
  },
  why: {
    en: 'Each upgrade changes the bundle at once and the certificate of the running injector later. In between, and with "helm template" in GitOps for ever, the API server does not trust the injector.',
    zh: '每次升级会立即更换 caBundle，而运行中的注入器稍后才换证书。其间（GitOps 使用 "helm template" 时则一直如此）API server 不信任注入器。',
  },
  remedy: {
    en: 'Let a Secret from outside of the chart, cert-manager or the injector itself hold the authority, or let the chart look up the one that exists.',
    zh: '由 chart 之外的 Secret、cert-manager 或注入器自身管理 CA，或让 chart 用 lookup 复用已有的 CA。',
  },
  references: ['dapr/dapr#5066', 'linkerd/linkerd2#8440'],
  run: (cluster) => perConfiguration(cluster).flatMap((group) => regenerated(cluster, group)),
}

/** Between the template that makes the root and the write of the object lies one run of Helm. */
const ONE_RUN = 600_000

function regenerated(cluster: Cluster, group: readonly InjectorBundle[]): CheckOutcome[] {
  for (const { injector, bundle, object, path } of group) {
    const release = releaseOf(injector)
    if (release === undefined) continue
    for (const writer of bundleWriters(injector.object)) {
      const { time } = writer
      if (time === undefined || !isHelm(writer.manager) || writer.index !== injector.index) continue
      const fresh = bundle.certificates.find(
        (one) => isSelfIssued(one) && Math.abs(one.notBefore - time) <= ONE_RUN && !isKnown(cluster, one),
      )
      if (fresh === undefined) continue
      return [
        {
          outcome: 'found',
          object,
          revision: injector.revision,
          message: {
            en: `Helm (release ${release}) wrote a root into the caBundle of ${object.name} that it had made in the same moment, ${timeText(fresh.notBefore)}`,
            zh: `Helm（release ${release}）在 ${object.name} 的 caBundle 中写入了同一时刻（${timeText(fresh.notBefore)}）刚生成的根证书`,
          },
          evidence: [
            { path, value: certificateText(fresh) },
            writerEvidence(writer),
            { path: 'metadata.annotations["meta.helm.sh/release-name"]', value: release },
          ],
          confidence: 'likely',
          fix: OWN_AUTHORITY,
        },
      ]
    }
  }
  return []
}

function releaseOf({ object }: InjectorBundle['injector']): string | undefined {
  const name = annotationOf(object, 'meta.helm.sh/release-name')
  return name ?? (labelOf(object, 'app.kubernetes.io/managed-by') === 'Helm' ? 'unknown' : undefined)
}

/** Of a control plane: its root may well be as old as the installation. */
function isKnown(cluster: Cluster, { fingerprint }: Certificate): boolean {
  const places = [...authorityCertificates(cluster), ...rootConfigMaps(cluster).values()]
  return places.some(({ bundle }) => bundle.certificates.some((one) => one.fingerprint === fingerprint))
}

const OWN_AUTHORITY: Fix = {
  text: {
    en: 'Take the generated CA out of the chart: keep it in a Secret that the chart only names, or leave caBundle to cert-manager or to the injector. Until then restart the injector after each upgrade',
    zh: '不要在 chart 中生成 CA：改为引用已有的 Secret，或把 caBundle 交给 cert-manager 或注入器。在此之前，每次升级后请重启注入器',
  },
  commands: [],
  changes: [],
}
