import { uninjectWorkload } from '@proa/injector'
import type { JsonObject, JsonPatchOperation } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { jsonPatch, NO_STEP } from '../../fixes/patch-object.ts'
import { at, textAt } from '../../reading.ts'
import { PROXY_CONTAINER, STATUS_ANNOTATION, sidecarOf } from '../../subjects/sidecar.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { templateField } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'

export const INJ125: Check = {
  id: 'INJ125',
  severity: 'info',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: [
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'MutatingWebhookConfiguration',
    'Namespace',
    'ConfigMap',
  ],
  title: { en: 'The workload was injected by hand', zh: '工作负载是手工注入的' },
  looksAt: {
    en: `Pod templates with a container ${PROXY_CONTAINER} and the annotation ${STATUS_ANNOTATION}, which kube-inject and proa inject write into manifests.`,
    zh: `带有容器 ${PROXY_CONTAINER} 和注解 ${STATUS_ANNOTATION} 的 Pod 模板，它们由 kube-inject 或 proa inject 写入清单。`,
  },
  why: {
    en: 'The proxy in the manifest keeps its version for ever. A webhook that is called for it takes it out and puts its own in, so the manifest no longer says what runs.',
    zh: '清单中的代理版本永远不变。如果 webhook 也被调用，它会移除清单中的 sidecar 并放入自己的，于是清单不再反映实际运行的内容。',
  },
  remedy: {
    en: 'Take the sidecar out of the manifest and let the webhook inject.',
    zh: '把 sidecar 从清单中移除，由 webhook 注入。',
  },
  references: ['istio/istio#36469', 'istio/istio#15837'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const { object, template, templatePath } = subject
  const { container } = sidecarOf(template)
  const status = statusEvidence(subject)
  if (templatePath.length === 0 || container === undefined || status === undefined) return []
  const { expected, injector } = verdictOf(cluster, subject)
  const image = textAt(container, 'image')
  const again = expected === 'injected'
  return [
    {
      outcome: 'found',
      object,
      ...(injector === undefined ? {} : { revision: injector.revision }),
      message: {
        en: `${titleOf(subject)} carries a sidecar in its manifest (${image})${again ? ', which the webhook replaces in each Pod' : ', and no webhook is called for it'}`,
        zh: `${titleOf(subject)} 的清单中带有 sidecar（${image}）${again ? '，而 webhook 会在每个 Pod 中替换它' : '，且没有 webhook 会处理它'}`,
      },
      evidence: [
        status,
        { path: templateField(subject, `spec.containers[name=${PROXY_CONTAINER}].image`), value: image },
      ],
      confidence: 'certain',
      fix: again ? takeOut(subject) : injectByWebhook(subject),
    },
  ]
}

/** kube-inject writes the annotations of a CronJob to its job template. */
function statusEvidence(subject: Subject): Evidence | undefined {
  const { owner, templatePath, object } = subject
  const places = [templatePath, ...(object.kind === 'CronJob' ? [['spec', 'jobTemplate']] : [])]
  for (const place of places) {
    const value = at(owner, ...place, 'metadata', 'annotations', STATUS_ANNOTATION)
    if (typeof value === 'string') {
      return { path: [...place, `metadata.annotations["${STATUS_ANNOTATION}"]`].join('.'), value }
    }
  }
  return undefined
}

function takeOut(subject: Subject): Fix {
  const { owner, object } = subject
  const result = owner === undefined ? undefined : uninjectWorkload(owner)
  const text = {
    en: `Take the sidecar out of the manifest of ${object.kind} ${object.name} (proa uninject does it for files); the webhook goes on injecting`,
    zh: `从 ${object.kind} ${object.name} 的清单中移除 sidecar（文件可用 proa uninject）；webhook 会继续注入`,
  }
  return {
    text,
    ...(result?.kind === 'restored' ? jsonPatch(object, [...unchanged(owner), ...result.patch]) : NO_STEP),
  }
}

/** Containers are removed by their index, so nobody may have written the object in between. */
function unchanged(owner: JsonObject | undefined): readonly JsonPatchOperation[] {
  const value = textAt(owner, 'metadata', 'resourceVersion')
  return value === '' ? [] : [{ op: 'test', path: '/metadata/resourceVersion', value }]
}

function injectByWebhook({ object, name }: Subject): Fix {
  return {
    ...NO_STEP,
    text: {
      en: `Nothing is broken. To be upgraded with the control plane, have the webhook inject ${object.kind} ${name}, and take the sidecar out of its manifest with proa uninject`,
      zh: `目前没有故障。若要随控制平面升级，请改由 webhook 注入 ${object.kind} ${name}，并用 proa uninject 从清单中移除 sidecar`,
    },
  }
}
