import { deepEqual, isObject, type Json, type JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { annotationOf, isTrueAt, objectsAt, textAt } from '../../reading.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateField } from '../../subjects/wishes.ts'
import { containerPath, injectedNames, inPod, type Proxied, proxied } from './proxied.ts'

/** Where the agent writes the bootstrap of Envoy, and its sockets. */
const WRITTEN = '/etc/istio/proxy'
const USER_VOLUME = 'sidecar.istio.io/userVolume'
const USER_MOUNT = 'sidecar.istio.io/userVolumeMount'

export const INJ325: Check = {
  id: 'INJ325',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'A volume collides with one of the proxy', zh: '卷与代理的卷冲突' },
  looksAt: {
    en: `Volumes of the Pod template, and of the annotations ${USER_VOLUME} and ${USER_MOUNT}, that have the name or the place of an injected one; and whether a proxy with readOnlyRootFilesystem has a volume at ${WRITTEN} to write to.`,
    zh: `Pod 模板以及注解 ${USER_VOLUME}、${USER_MOUNT} 中与注入卷同名或同路径的卷；以及启用 readOnlyRootFilesystem 的代理在 ${WRITTEN} 是否有可写的卷。`,
  },
  why: {
    en: 'Volumes are merged by their names. The Pod is then refused because a volume has two sources, or the application finds something else in its volume; without a writable place the agent cannot start Envoy.',
    zh: '卷按名称合并。结果可能是卷有两个来源而 Pod 被拒绝，或应用在自己的卷中看到别的内容；没有可写位置时 agent 无法启动 Envoy。',
  },
  remedy: { en: 'Give the volume of the application another name.', zh: '为应用的卷换一个名称。' },
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): CheckOutcome[] {
  const { subject, pod, proxy } = one
  const collisions = ownVolumes(subject).filter((name) => injectedVolumes(cluster, one).has(name))
  return [
    ...collisions.flatMap((name) => collision(cluster, subject, name) ?? []),
    ...(mayMountTwice(subject) ? (mountedTwice(one) ?? []) : []),
    ...(isTrueAt(proxy, 'securityContext', 'readOnlyRootFilesystem') && !writesTo(proxy, WRITTEN) && runsEnvoy(proxy)
      ? [notWritable(one, containerPath(pod, 'istio-proxy'))]
      : []),
  ]
}

/** Names of volumes that users wrote. */
function ownVolumes({ template }: Subject): readonly string[] {
  return objectsAt(template, 'spec', 'volumes').map((volume) => textAt(volume, 'name'))
}

/** Of a lone Pod that is injected already, its volumes are those of the injector, too. */
function injectedVolumes(_cluster: Cluster, { subject, sidecar }: Proxied): ReadonlySet<string> {
  return subject.templatePath.length === 0 ? new Set() : injectedNames(sidecar, 'volumes')
}

const withoutVolume: (cluster: Cluster) => Map<string, JsonObject | undefined> = remembered(() => new Map())

/** The injected volume as it is when the user has none of this name. */
function injectedAlone(cluster: Cluster, subject: Subject, name: string): JsonObject | undefined {
  const known = withoutVolume(cluster)
  const key = `${subject.object.kind}/${subject.namespace}/${subject.name}/${name}`
  if (!known.has(key)) known.set(key, renderAlone(cluster, subject, name))
  return known.get(key)
}

function renderAlone(cluster: Cluster, subject: Subject, name: string): JsonObject | undefined {
  const { template } = subject
  const spec = isObject(template.spec) ? template.spec : {}
  const volumes = objectsAt(spec, 'volumes').filter((volume) => textAt(volume, 'name') !== name)
  const result = renderedOf(cluster, { ...subject, template: { ...template, spec: { ...spec, volumes } } })
  return result?.outcome === 'injected' ? volumeOf(result.pod, name) : undefined
}

function volumeOf(pod: JsonObject, name: string): JsonObject | undefined {
  return objectsAt(pod, 'spec', 'volumes').find((volume) => textAt(volume, 'name') === name)
}

function collision(cluster: Cluster, subject: Subject, name: string): Found | undefined {
  const result = renderedOf(cluster, subject)
  const merged = result?.outcome === 'injected' ? volumeOf(result.pod, name) : undefined
  const own = volumeOf(subject.template, name)
  const alone = injectedAlone(cluster, subject, name)
  if (merged === undefined || own === undefined || alone === undefined) return undefined
  const sources = sourcesOf(merged)
  const refused = sources.length > 1
  // A template that leaves the source open wants users to give one, such as the CSI volume of SPIRE.
  if (!refused && (sourcesOf(alone).length === 0 || deepEqual(merged, own) || isScratch(own))) return undefined
  const path = templateField(subject, `spec.volumes[name=${name}]`)
  return {
    outcome: 'found',
    ...(refused ? { severity: 'error' as const } : {}),
    object: subject.object,
    message: refused
      ? {
          en: `The volume ${name} of ${titleOf(subject)} has the name of an injected one; merged it has ${sources.length} sources (${sources.join(', ')}), so the Pod is refused`,
          zh: `${titleOf(subject)} 的卷 ${name} 与注入的卷同名；合并后有 ${sources.length} 个来源（${sources.join('、')}），Pod 会被拒绝`,
        }
      : {
          en: `The volume ${name} of ${titleOf(subject)} has the name of an injected one, which changes what is in it`,
          zh: `${titleOf(subject)} 的卷 ${name} 与注入的卷同名，其内容因此被改变`,
        },
    evidence: [
      { path, value: own, label: { en: 'in the template', zh: '模板中' } },
      { path, value: alone, label: { en: 'injected', zh: '注入的' } },
      { path, value: merged, label: { en: 'merged', zh: '合并后' } },
    ],
    confidence: 'certain',
    fix: rename(name),
  }
}

const sourcesOf = (volume: JsonObject): readonly string[] => Object.keys(volume).filter((key) => key !== 'name')

/** What is in an empty volume at the beginning does not matter to its user. */
const isScratch = (volume: JsonObject): boolean => deepEqual(sourcesOf(volume), ['emptyDir'])

function rename(name: string): Found['fix'] & object {
  return {
    text: {
      en: `Give the volume ${name} another name in spec.volumes and in the volumeMounts of your containers`,
      zh: `在 spec.volumes 和你的容器的 volumeMounts 中为卷 ${name} 换一个名称`,
    },
    commands: [],
    changes: [],
  }
}

function mayMountTwice({ template }: Subject): boolean {
  const own = objectsAt(template, 'spec', 'containers').some((one) => one.name === 'istio-proxy')
  return own || annotationOf(template, USER_MOUNT) !== undefined || annotationOf(template, USER_VOLUME) !== undefined
}

/** Kubernetes refuses a container with two volumes at one place. */
function mountedTwice(one: Proxied): CheckOutcome[] | undefined {
  const { subject, pod, proxy } = one
  const places = objectsAt(proxy, 'volumeMounts').map((mount) => textAt(mount, 'mountPath'))
  const twice = places.find((place, index) => places.indexOf(place) !== index)
  if (twice === undefined) return undefined
  const names = objectsAt(proxy, 'volumeMounts').flatMap((mount): Json[] =>
    textAt(mount, 'mountPath') === twice ? [textAt(mount, 'name')] : [],
  )
  return [
    {
      outcome: 'found',
      severity: 'error',
      object: subject.object,
      message: {
        en: `istio-proxy of ${titleOf(subject)} has two volumes at ${twice} (${names.join(', ')}), so the Pod is refused`,
        zh: `${titleOf(subject)} 的 istio-proxy 在 ${twice} 挂载了两个卷（${names.join('、')}），Pod 会被拒绝`,
      },
      evidence: [
        inPod(one, `${containerPath(pod, 'istio-proxy')}.volumeMounts[mountPath=${twice}].name`, names),
        ...[USER_MOUNT, USER_VOLUME].flatMap((key) => {
          const value = annotationOf(subject.template, key)
          return value === undefined ? [] : [{ path: templateField(subject, `metadata.annotations["${key}"]`), value }]
        }),
      ],
      confidence: 'certain',
      fix: {
        text: {
          en: `Mount your volume at another place than ${twice}, which the injection template uses`,
          zh: `把你的卷挂载到 ${twice} 以外的位置，该路径已被注入模板使用`,
        },
        commands: [],
        changes: [],
      },
    },
  ]
}

const writesTo = (proxy: JsonObject, path: string): boolean =>
  objectsAt(proxy, 'volumeMounts').some((mount) => {
    const place = textAt(mount, 'mountPath').replace(/\/+$/, '')
    return place !== '' && (path === place || path.startsWith(`${place}/`)) && !isTrueAt(mount, 'readOnly')
  })

/** Not every container of this name is Istio's agent: waypoints of other makers are none. */
function runsEnvoy(proxy: JsonObject): boolean {
  const args = proxy.args
  return Array.isArray(args) && args.includes('proxy')
}

function notWritable(one: Proxied, path: string): Found {
  const { subject, pod } = one
  const mounts = objectsAt(sidecarOf(pod).container, 'volumeMounts').map((mount) => textAt(mount, 'mountPath'))
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `istio-proxy of ${titleOf(subject)} has a read-only root filesystem and no writable volume at ${WRITTEN}, so the agent cannot write the configuration of Envoy`,
      zh: `${titleOf(subject)} 的 istio-proxy 使用只读根文件系统，且在 ${WRITTEN} 没有可写的卷，agent 无法写入 Envoy 配置`,
    },
    evidence: [
      inPod(one, `${path}.securityContext.readOnlyRootFilesystem`, true),
      inPod(one, `${path}.volumeMounts[*].mountPath`, mounts),
    ],
    confidence: 'likely',
    fix: {
      text: {
        en: `Mount an emptyDir at ${WRITTEN} in the injection template (Istio's own has the volume istio-envoy there), and restart the workload`,
        zh: `在注入模板中把一个 emptyDir 挂载到 ${WRITTEN}（Istio 自带模板为此使用卷 istio-envoy），然后重启工作负载`,
      },
      commands: [],
      changes: [],
    },
  }
}
