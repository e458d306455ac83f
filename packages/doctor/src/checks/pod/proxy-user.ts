import type { Check } from '../../check.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { numberAt } from '../../reading.ts'
import { titleOf } from '../../subjects/subjects.ts'
import { type AppContainer, appContainers, appEvidence, endsBeforeTheApp, fieldInTemplate } from './app-containers.ts'
import { inPod, type Proxied, proxied } from './proxied.ts'
import { proxyIds } from './proxy-ids.ts'

export const INJ311: Check = {
  id: 'INJ311',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: ['Deployment', 'ConfigMap', 'MutatingWebhookConfiguration', 'Namespace'],
  title: { en: 'The application runs as the user of the proxy', zh: '应用以代理的用户身份运行' },
  looksAt: {
    en: 'runAsUser and runAsGroup of the Pod and its containers, against the user and group whose traffic is not redirected: those that istio-init was told (-u, -g), else those of istio-proxy, 1337 by default. Init containers that ask for that user themselves do it on purpose, to have a network, and are left alone.',
    zh: 'Pod 及其容器的 runAsUser 和 runAsGroup，与流量不会被重定向的用户和组相比较：即传给 istio-init 的 -u、-g，否则为 istio-proxy 的用户和组，默认 1337。主动使用该用户的 init 容器是为了获得网络，不在检查之列。',
  },
  why: {
    en: 'The rules let the traffic of that user pass, because otherwise the proxy would send its own traffic to itself. What the application sends then bypasses the mesh: no mutual TLS, no policy, no telemetry.',
    zh: '规则会放行该用户的流量，否则代理会把自己的流量转发给自己。应用发出的流量因此绕过网格：没有双向 TLS、没有策略、没有遥测。',
  },
  remedy: { en: 'Give the application another user or group.', zh: '为应用设置其他用户或组。' },
  references: ['IST0144', 'istio/istio#52614'],
  run: (cluster) => proxied(cluster).flatMap(judge),
}

interface Clash {
  readonly app: AppContainer
  readonly id: number
  readonly evidence: Evidence
}

function judge(one: Proxied): readonly CheckOutcome[] {
  const { uids, gids } = proxyIds(one)
  const users = clashes(one, 'runAsUser', uids)
  const groups = clashes(one, 'runAsGroup', gids)
  if (users.length > 0) return [finding(one, users, 'user')]
  return groups.length > 0 ? [finding(one, groups, 'group')] : []
}

function clashes(one: Proxied, field: 'runAsUser' | 'runAsGroup', ids: readonly number[]): readonly Clash[] {
  const ofPod = numberAt(one.pod, 'spec', 'securityContext', field)
  return appContainers(one).flatMap((app): Clash[] => {
    const own = numberAt(app.container, 'securityContext', field)
    const id = own ?? ofPod
    if (id === undefined || !ids.includes(id)) return []
    if (own !== undefined && endsBeforeTheApp(app)) return []
    const evidence =
      own === undefined
        ? fieldInTemplate(one.subject, `spec.securityContext.${field}`, id)
        : appEvidence(one, app, `securityContext.${field}`, id)
    return [{ app, id, evidence }]
  })
}

const NOT_REDIRECTED = { en: 'not redirected', zh: '不被重定向' }

function finding(one: Proxied, found: readonly Clash[], what: 'user' | 'group'): CheckOutcome {
  const { subject } = one
  const names = found.map(({ app }) => app.name).join(', ')
  const id = found[0]?.id ?? 0
  const { uids, gids, path } = proxyIds(one)
  const places = new Map(found.map(({ evidence }) => [evidence.path, evidence]))
  const field = what === 'user' ? 'runAsUser' : 'runAsGroup'
  return {
    outcome: 'found',
    object: subject.object,
    ...(what === 'group' ? { severity: 'warn' as const } : {}),
    message: {
      en: `${names} in ${titleOf(subject)} runs as ${what} ${id}, the ${what} of the proxy: its outbound traffic bypasses the mesh`,
      zh: `${titleOf(subject)} 中的 ${names} 以${what === 'user' ? '用户' : '组'} ${id} 运行，与代理相同：其出站流量会绕过网格`,
    },
    evidence: [...places.values(), { ...inPod(one, path, what === 'user' ? uids : gids), label: NOT_REDIRECTED }],
    confidence: 'certain',
    fix: fix(found, field),
  }
}

/** Which user an image can run as, nobody knows here; so it is said, not done. */
function fix(found: readonly Clash[], field: string): Fix {
  const paths = [...new Set(found.map(({ evidence }) => evidence.path))].join(', ')
  const owner = field === 'runAsUser' ? ['user', '用户'] : ['group', '组']
  return {
    text: {
      en: `Set ${paths} to another ${owner[0]} that the image can run as, 1000 for example; leave ${found[0]?.id} to the proxy`,
      zh: `将 ${paths} 设为镜像可用的其他${owner[1]}，例如 1000；${found[0]?.id} 留给代理使用`,
    },
    commands: [],
    changes: [],
  }
}
