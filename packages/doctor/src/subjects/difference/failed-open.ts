import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { type Injector, injectorTitle } from '../../mesh/injectors.ts'
import { injectorState } from '../../mesh/readiness.ts'
import { creationFailures } from '../../messages/index.ts'
import type { PodCreationProbe } from '../../snapshot/types.ts'
import { sidecarOf } from '../sidecar.ts'
import { createdEvidence } from './times.ts'
import type { Difference, Question } from './types.ts'

/**
 * The API server could not call the webhook, and its failurePolicy lets Pods through.
 *
 * @param by `proven`: an API server says so in its log, a Pod that was tried came out without sidecar, or no injector is ready
 */
export function failedOpen(cluster: Cluster, question: Question, by: 'proven' | 'supposed'): Difference | undefined {
  const { pod, verdict } = question
  const { injector } = verdict
  if (injector === undefined || injector.settings.failurePolicy !== 'Ignore') return undefined
  const policy: Evidence = {
    object: objectName(injector.object),
    path: `webhooks[${injector.index}].failurePolicy`,
    value: 'Ignore',
  }
  const proof = proofOf(cluster, question, injector)
  if (by === 'proven' && proof === undefined) return undefined
  const title = injectorTitle(injector)
  return {
    kind: 'failed-open',
    ...(proof?.words === undefined ? {} : { proof: proof.words }),
    pods: [pod],
    confidence: proof?.certain === true ? 'certain' : 'likely',
    evidence: [policy, ...(proof === undefined ? [] : [proof.evidence]), createdEvidence(pod)],
    because: {
      en: `the webhook ${title} could not be called when it was created, and failurePolicy Ignore lets Pods through without sidecar`,
      zh: `创建它时无法调用 webhook ${title}，而 failurePolicy 为 Ignore 会放行没有 sidecar 的 Pod`,
    },
  }
}

interface Proof {
  readonly evidence: Evidence
  readonly words?: string
  readonly certain: boolean
}

function proofOf(cluster: Cluster, { subject, verdict }: Question, injector: Injector): Proof | undefined {
  const logged = creationFailures(cluster).find(
    ({ classification }) => classification.failedOpen === true && classification.webhook === injector.webhook,
  )
  if (logged !== undefined) {
    const label = { en: 'log of the API server', zh: 'API server 日志' }
    return { words: logged.newest.message, certain: true, evidence: { ...logged.newest.evidence, label } }
  }
  const tried = cluster.probes.find(
    (probe): probe is PodCreationProbe =>
      probe.kind === 'pod-creation' &&
      probe.namespace === subject.namespace &&
      probe.workload?.kind === subject.object.kind &&
      probe.workload.name === subject.name,
  )
  if (tried?.outcome.kind === 'created' && sidecarOf(tried.outcome.pod).container === undefined) {
    const label = {
      en: 'a Pod that was tried (dry run) came out without sidecar',
      zh: '试建的 Pod（dry run）没有 sidecar',
    }
    return { certain: true, evidence: { path: 'probes[pod-creation].outcome', value: tried.outcome.kind, label } }
  }
  if (verdict.revision === undefined || injectorState(cluster, verdict.revision) !== 'none-ready') return undefined
  const { service } = injector
  const label = { en: 'no Pod behind it is ready now', zh: '其后端目前没有就绪的 Pod' }
  return {
    certain: false,
    evidence: {
      ...(service === undefined
        ? {}
        : { object: { apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name } }),
      path: 'spec.selector',
      label,
    },
  }
}
