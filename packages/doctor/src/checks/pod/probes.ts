import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { jsonPatch } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { at, objectsAt } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { appEvidence, fieldInTemplate } from './app-containers.ts'
import { type ProbeProblem, probeProblems, REWRITE_ANNOTATION } from './probe-problems.ts'
import { inPod, type Proxied, proxied, statusOf } from './proxied.ts'
import { annotateTemplate } from './template-change.ts'

export const INJ307: Check = {
  id: 'INJ307',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'A probe cannot work behind the proxy', zh: '探针在代理之后无法工作' },
  looksAt: {
    en: 'HTTP, TCP and gRPC probes of containers in Pods with a proxy. The injector sends them to the agent, which tells the application from the proxy. Three things go wrong: a probe names a host, which then is asked instead of the Pod; the agent was told nothing of the probe, because its port name is no port of the container; or the probe was not rewritten at all (a container that came later, rewriteAppHTTPProbers off) and its container is not ready or restarts.',
    zh: '带代理的 Pod 中容器的 HTTP、TCP 和 gRPC 探针。注入器把它们转给 agent，由 agent 代为探测应用。会出现三种问题：探针指定了 host，被探测的就不再是该 Pod；端口名不是该容器的端口，agent 对该探针一无所知；或探针根本没有被改写（后加入的容器、关闭了 rewriteAppHTTPProbers），且其容器未就绪或反复重启。',
  },
  why: {
    en: 'The kubelet has no certificate of the mesh, so that a probe that meets mutual TLS fails, and a TCP probe that meets the proxy always succeeds. A failing probe keeps the Pod out of its Service, or restarts it again and again.',
    zh: 'kubelet 没有网格证书，因此遇到双向 TLS 的探针会失败，而直达代理的 TCP 探针总是成功。失败的探针会让 Pod 无法加入 Service，或不断重启。',
  },
  remedy: {
    en: 'Correct the probe, or let the injector rewrite it: switch the rewriting on, and let the injector be called again after other webhooks (reinvocationPolicy IfNeeded).',
    zh: '修正探针，或让注入器改写它：开启改写，并让注入器在其他 webhook 之后被再次调用（reinvocationPolicy: IfNeeded）。',
  },
  references: ['istio/istio#4429', 'istio/istio#9150', 'istio/istio#18467', 'istio/istio#53786', 'istio/istio#32687'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): readonly CheckOutcome[] {
  const problems = probeProblems(cluster, one)
  const harmful = problems.filter((problem) => problem.kind !== 'not-rewritten' || !problem.works)
  const shown = harmful.length > 0 ? harmful : problems
  if (shown.length === 0) return []
  const [worst] = harmful
  return [
    {
      outcome: 'found',
      object: one.subject.object,
      message: messageOf(one, shown),
      evidence: shown.flatMap((problem) => evidenceOf(one, problem)),
      confidence: shown.some(({ kind }) => kind === 'not-rewritten') ? 'likely' : 'certain',
      ...(worst === undefined
        ? { routine: true as const, severity: 'info' as const }
        : { fix: fixOf(cluster, one, worst) }),
    },
  ]
}

function messageOf(one: Proxied, problems: readonly ProbeProblem[]): Found['message'] {
  const texts = problems.map((problem) => sentence(problem))
  return {
    en: `${titleOf(one.subject)}: ${texts.map(({ en }) => en).join('; ')}`,
    zh: `${titleOf(one.subject)}：${texts.map(({ zh }) => zh).join('；')}`,
  }
}

function sentence(problem: ProbeProblem): Found['message'] {
  const { app, field } = problem
  const probe = `${field} of ${app.name}`
  const probeZh = `${app.name} 的 ${field}`
  switch (problem.kind) {
    case 'host':
      return {
        en: `${probe} names the host ${problem.host}; it is sent to the agent's port now, so the kubelet asks ${problem.host}:${problem.port} instead of the Pod`,
        zh: `${probeZh} 指定了 host ${problem.host}；探针已改为访问 agent 的端口，kubelet 因此访问 ${problem.host}:${problem.port} 而不是 Pod`,
      }
    case 'unknown-to-agent':
      return problem.portName === undefined
        ? {
            en: `${probe} is sent to the agent, which was not told about it (ISTIO_KUBE_APP_PROBERS), so it answers 404`,
            zh: `${probeZh} 被转给 agent，但 agent 并不知道它（ISTIO_KUBE_APP_PROBERS），因此返回 404`,
          }
        : {
            en: `${probe} names the port "${problem.portName}", which the container does not have, so the agent cannot ask it`,
            zh: `${probeZh} 指定了端口 "${problem.portName}"，但容器没有该端口，agent 无法探测`,
          }
    case 'not-rewritten':
      return {
        en: `${probe} is not sent to the agent${BECAUSE[problem.because].en}, so it goes through the proxy`,
        zh: `${probeZh} 没有转给 agent${BECAUSE[problem.because].zh}，因此会经过代理`,
      }
  }
}

const BECAUSE = {
  annotation: { en: ` (${REWRITE_ANNOTATION} is off)`, zh: `（${REWRITE_ANNOTATION} 已关闭）` },
  values: {
    en: ' (sidecarInjectorWebhook.rewriteAppHTTPProbe is off)',
    zh: '（sidecarInjectorWebhook.rewriteAppHTTPProbe 已关闭）',
  },
  late: { en: ' (the container was added after the injection)', zh: '（该容器在注入之后加入）' },
  release: { en: ' (this release does not rewrite such probes)', zh: '（该版本不改写此类探针）' },
  unknown: { en: '', zh: '' },
} as const

function evidenceOf(one: Proxied, problem: ProbeProblem): readonly Evidence[] {
  const { app, field, handler } = problem
  const value = at(app.container, field, handler) ?? null
  // The rewritten probe stands only in the Pod with the sidecar; what has to change stands in the template.
  const written = objectsAt(one.subject.template, 'spec', app.list).find(({ name }) => name === app.name)
  const own = at(written, field)
  const places = [
    appEvidence(one, app, field, own ?? { [handler]: value }),
    ...(problem.kind === 'not-rewritten'
      ? []
      : [inPod(one, `spec.${app.list}[${app.index}].${field}.${handler}`, value)]),
  ]
  if (problem.kind === 'unknown-to-agent' && problem.portName !== undefined) {
    const ports = objectsAt(app.container, 'ports').map((port) => port.name ?? port.containerPort ?? null)
    return [...places, appEvidence(one, app, 'ports', ports)]
  }
  if (problem.kind !== 'not-rewritten') return places
  const status = statusOf(one.pod, app.name)
  return [
    ...places,
    ...(problem.because === 'annotation'
      ? [fieldInTemplate(one.subject, `metadata.annotations["${REWRITE_ANNOTATION}"]`, 'false')]
      : []),
    {
      object: objectName(one.pod),
      path: `status.containerStatuses[name=${app.name}]`,
      value: { ready: at(status, 'ready') ?? null, restartCount: at(status, 'restartCount') ?? null },
    },
  ]
}

function fixOf(cluster: Cluster, one: Proxied, problem: ProbeProblem): Fix {
  const { app, field } = problem
  switch (problem.kind) {
    case 'host':
      return withoutHost(one, problem.app.name, field)
    case 'unknown-to-agent':
      if (problem.portName === undefined) return restartFix(cluster, one.subject)
      return {
        text: {
          en: `Declare the port "${problem.portName}" in ports of ${app.name}, or give the probe the number`,
          zh: `在 ${app.name} 的 ports 中声明端口 "${problem.portName}"，或在探针中使用端口号`,
        },
        commands: [],
        changes: [],
      }
    case 'not-rewritten':
      return problem.because === 'annotation'
        ? annotateTemplate(
            one.subject,
            {
              en: `Let the injector rewrite the probes: take the annotation ${REWRITE_ANNOTATION} away`,
              zh: `让注入器改写探针：删除注解 ${REWRITE_ANNOTATION}`,
            },
            { [REWRITE_ANNOTATION]: null },
          )
        : {
            text: {
              en: 'Let the injector rewrite the probe: with reinvocationPolicy IfNeeded in its webhook it is called again after others have added containers; or exclude the port of the probe with traffic.sidecar.istio.io/excludeInboundPorts',
              zh: '让注入器改写该探针：在其 webhook 中设置 reinvocationPolicy: IfNeeded，其他 webhook 添加容器后会再次调用注入器；或用 traffic.sidecar.istio.io/excludeInboundPorts 排除探针端口',
            },
            commands: [],
            changes: [],
          }
  }
}

function withoutHost({ subject }: Proxied, container: string, field: string): Fix {
  const text = {
    en: `Take host out of ${field} of ${container}: without it the kubelet asks the Pod`,
    zh: `从 ${container} 的 ${field} 中删除 host：没有它时 kubelet 会探测 Pod 本身`,
  }
  const index = objectsAt(subject.template, 'spec', 'containers').findIndex(({ name }) => name === container)
  const handler = ['httpGet', 'tcpSocket'].find(
    (kind) => at(subject.template, 'spec', 'containers', index, field, kind, 'host') !== undefined,
  )
  const canChange = subject.owner !== undefined && subject.templatePath.length > 0 && subject.object.kind !== 'Job'
  if (index === -1 || handler === undefined || !canChange) return { text, commands: [], changes: [] }
  const place = `/${[...subject.templatePath, 'spec', 'containers', index].join('/')}`
  const step = jsonPatch(subject.object, [
    { op: 'test', path: `${place}/name`, value: container },
    { op: 'remove', path: `${place}/${field}/${handler}/host` },
  ])
  return { text, ...step }
}
