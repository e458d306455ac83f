import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { editTemplate } from '../../fixes/edit-template.ts'
import { restartFix } from '../../fixes/restart.ts'
import type { Text } from '../../language.ts'
import type { Revision } from '../../mesh/revisions.ts'
import { annotationOf, labelOf, nameOf, objectsAt, textAt } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { PROXY_CONTAINER, sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { revisionOf } from './control-plane-address.ts'
import { minorOf, readImage } from './image-reference.ts'
import { containerPath, proxyPods } from './proxied.ts'

export const INJ323: Check = {
  id: 'INJ323',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod', 'ConfigMap'],
  uses: ['MutatingWebhookConfiguration', 'Namespace', 'Deployment'],
  title: { en: 'The proxy is of another version', zh: '代理版本不一致' },
  looksAt: {
    en: 'The image of istio-proxy in running Pods, the image that the injector would give them today, and the image of the control plane. Images that differ only in their registry are taken as equal.',
    zh: '运行中 Pod 的 istio-proxy 镜像、注入器当前会使用的镜像，以及控制平面的镜像。仅镜像仓库地址不同时视为相同。',
  },
  why: {
    en: 'Injection happens once: after an upgrade, Pods keep the old proxy until they are made anew. Istio supports a control plane that is one minor release ahead of its proxies, and no proxies ahead of it.',
    zh: '注入只在创建时发生：升级后 Pod 会继续使用旧代理，直到被重新创建。Istio 只支持控制平面比代理新一个次要版本，不支持代理比控制平面新。',
  },
  remedy: { en: 'Restart the workload.', zh: '重启工作负载。' },
  references: ['IST0158'],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

function judge(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const pods = proxyPods(subject).filter((pod) => sidecarOf(pod).kind === 'injected')
  const images = new Map(pods.map((pod) => [imageOf(pod), pod]))
  const expected = pods.length === 0 ? undefined : expectedImage(cluster, subject, [...images.keys()])
  for (const [image, pod] of images) {
    const revision = revisionOf(cluster, subject, pod)
    const plane = revision && planeImage(cluster, revision)
    const skew = skewBetween(image, plane)
    const outdated = expected !== undefined && differs(image, expected)
    if (!outdated && skew === undefined) continue
    const count = pods.filter((one) => differs(imageOf(one), expected ?? '') === outdated).length
    const facts = {
      image,
      pod,
      expected: outdated ? expected : undefined,
      plane,
      skew,
      counts: [count, pods.length] as const,
    }
    return [finding(cluster, subject, facts)]
  }
  return []
}

function imageOf(pod: JsonObject): string {
  return textAt(sidecarOf(pod).container, 'image')
}

/** Registries may be mirrored by another webhook, and a digest cannot be compared with a tag. */
function differs(image: string, expected: string): boolean {
  const [a, b] = [readImage(image), readImage(expected)]
  if (a.tag !== undefined && b.tag !== undefined) return a.tag !== b.tag
  return a.digest !== undefined && b.digest !== undefined && a.digest !== b.digest
}

/** What decides about the image in Istio's templates. Workloads that are equal in this get the same. */
const DECIDING = [
  'sidecar.istio.io/proxyImage',
  'sidecar.istio.io/proxyImageType',
  'proxy.istio.io/config',
  'inject.istio.io/templates',
]

const representatives: (cluster: Cluster) => Map<string, string | undefined> = remembered(() => new Map())

/**
 * The image that injection gives today. Rendering each workload would take seconds in a large cluster: one of each sort is rendered,
 * and another one only where that does not agree with the Pods.
 */
function expectedImage(cluster: Cluster, subject: Subject, live: readonly string[]): string | undefined {
  const { revision, expected, injector } = verdictOf(cluster, subject)
  if (expected !== 'injected' || revision === undefined) return undefined
  const { template } = subject
  const own = objectsAt(template, 'spec', 'containers').find((one) => one.name === PROXY_CONTAINER)
  const key = JSON.stringify([
    revision.namespace,
    revision.name,
    injector?.service?.path,
    DECIDING.map((name) => annotationOf(template, name)),
    textAt(own, 'image'),
    cluster.all('ProxyConfig').length === 0 ? '' : subject.namespace,
  ])
  const known = representatives(cluster)
  if (known.has(key)) {
    const image = known.get(key)
    if (image !== undefined && live.every((one) => !differs(one, image))) return image
  }
  const rendered = renderedImage(cluster, subject)
  known.set(key, rendered)
  return rendered
}

function renderedImage(cluster: Cluster, subject: Subject): string | undefined {
  const result = renderedOf(cluster, subject)
  return result?.outcome === 'injected' ? imageOf(result.pod) || undefined : undefined
}

const planes: (cluster: Cluster) => Map<Revision, string | undefined> = remembered(() => new Map())

/** The image of Istio's control plane of the revision. */
function planeImage(cluster: Cluster, revision: Revision): string | undefined {
  const known = planes(cluster)
  if (!known.has(revision)) known.set(revision, findPlaneImage(cluster, revision))
  return known.get(revision)
}

function findPlaneImage(cluster: Cluster, { name, namespace }: Revision): string | undefined {
  for (const pod of cluster.inNamespace('Pod', namespace)) {
    if ((labelOf(pod, 'istio.io/rev') ?? 'default') !== name) continue
    const discovery = objectsAt(pod, 'spec', 'containers').find((one) => one.name === 'discovery')
    const image = textAt(discovery, 'image')
    if (minorOf(readImage(image).tag) !== undefined) return image
  }
  return undefined
}

/** How many minor releases the proxy is behind its control plane, when that is not supported. Negative: ahead. */
function skewBetween(image: string, plane: string | undefined): number | undefined {
  const [proxy, control] = [
    minorOf(readImage(image).tag),
    plane === undefined ? undefined : minorOf(readImage(plane).tag),
  ]
  if (proxy === undefined || control === undefined) return undefined
  const behind = control - proxy
  return behind > 1 || behind < 0 ? behind : undefined
}

interface Facts {
  readonly image: string
  readonly pod: JsonObject
  readonly expected: string | undefined
  readonly plane: string | undefined
  readonly skew: number | undefined
  readonly counts: readonly [number, number]
}

function finding(cluster: Cluster, subject: Subject, facts: Facts): Found {
  const { image, pod, expected, plane, skew } = facts
  const path = `${containerPath(pod, PROXY_CONTAINER)}.image`
  const evidence: Evidence[] = [
    { object: { ...objectName(pod), namespace: subject.namespace, name: nameOf(pod) }, path, value: image },
    ...(expected === undefined
      ? []
      : [{ path, value: expected, label: { en: 'what the injector gives today', zh: '注入器当前使用的镜像' } }]),
    ...(plane === undefined || skew === undefined
      ? []
      : [
          {
            path: 'spec.containers[name=discovery].image',
            value: plane,
            label: { en: 'control plane', zh: '控制平面' },
          },
        ]),
  ]
  return {
    outcome: 'found',
    object: subject.object,
    message: messageOf(titleOf(subject), facts),
    evidence: [...evidence, ...(expected === undefined ? pinned(subject) : [])],
    confidence: 'certain',
    fix: fixOf(cluster, subject, expected),
  }
}

function messageOf(title: string, { image, expected, plane, skew, counts: [count, all] }: Facts): Text {
  const pods =
    all === 1 ? { en: '', zh: '' } : { en: ` (${count} of ${all} Pods)`, zh: `（${all} 个 Pod 中的 ${count} 个）` }
  const distance = skew === undefined ? { en: '', zh: '' } : skewText(skew, shortOf(plane ?? ''))
  const wanted = expected === undefined ? undefined : shortOf(expected)
  return {
    en: `${title} runs ${shortOf(image)}${pods.en}${distance.en}${wanted === undefined ? '' : `; the injector gives ${wanted} today`}`,
    zh: `${title} 运行 ${shortOf(image)}${pods.zh}${distance.zh}${wanted === undefined ? '' : `；注入器当前使用 ${wanted}`}`,
  }
}

function skewText(skew: number, plane: string): Text {
  const many = Math.abs(skew)
  return skew < 0
    ? {
        en: `, ${many} minor release${many === 1 ? '' : 's'} ahead of the control plane (${plane}), which is not supported`,
        zh: `，比控制平面（${plane}）新 ${many} 个次要版本，不受支持`,
      }
    : {
        en: `, ${many} minor releases behind the control plane (${plane}), where one is supported`,
        zh: `，比控制平面（${plane}）旧 ${many} 个次要版本（只支持相差一个）`,
      }
}

/** `proxyv2:1.22.1` */
function shortOf(image: string): string {
  return image.slice(image.lastIndexOf('/') + 1)
}

const PINNING = 'sidecar.istio.io/proxyImage'

/** Without the annotation the Pods are made anew, with the image of the injector. */
function fixOf(cluster: Cluster, subject: Subject, expected: string | undefined): Fix {
  if (expected !== undefined || annotationOf(subject.template, PINNING) === undefined)
    return restartFix(cluster, subject)
  return {
    text: {
      en: `Remove the annotation ${PINNING}, which keeps the version as it is`,
      zh: `删除固定版本的注解 ${PINNING}`,
    },
    ...editTemplate(subject, { annotations: { [PINNING]: null } }),
  }
}

function pinned({ template, templatePath }: Subject): readonly Evidence[] {
  const value = annotationOf(template, PINNING)
  if (value === undefined) return []
  return [{ path: [...templatePath, `metadata.annotations["${PINNING}"]`].join('.'), value }]
}
