import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import type { Text } from '../../language.ts'
import type { PodState, PodTrouble } from '../../mesh/pod-state.ts'
import { nameOf, namespaceOf } from '../../reading.ts'

const ENGLISH: Readonly<Record<PodTrouble, string>> = {
  image: 'cannot get its image',
  crashing: 'crashes',
  'out-of-memory': 'is killed for want of memory',
  configuration: 'cannot be started',
  unschedulable: 'finds no node',
  probe: 'runs, but its readiness probe fails',
  init: 'does not get through its init containers',
  creating: 'is still being created',
  evicted: 'was evicted',
  unknown: 'is not ready',
}

const CHINESE: Readonly<Record<PodTrouble, string>> = {
  image: '拉取镜像失败',
  crashing: '反复崩溃',
  'out-of-memory': '因内存不足被杀死',
  configuration: '无法启动',
  unschedulable: '没有可调度的节点',
  probe: '在运行，但就绪探针失败',
  init: 'init 容器未能完成',
  creating: '仍在创建中',
  evicted: '被驱逐',
  unknown: '未就绪',
}

/** "Pod istiod-7d4b9c-a crashes (CrashLoopBackOff: exit code 1, 12 restarts)" */
export function podSentence(state: PodState): Text {
  const { trouble = 'unknown', reason, restarts, pod } = state
  const message = shortened(state.message)
  const facts = [[reason, message].filter((one) => one !== '').join(': ')]
  const english = [...facts, restarts > 0 ? `${restarts} restarts` : ''].filter((one) => one !== '')
  const chinese = [...facts, restarts > 0 ? `重启 ${restarts} 次` : ''].filter((one) => one !== '')
  return {
    en: `Pod ${nameOf(pod)} ${ENGLISH[trouble]}${english.length === 0 ? '' : ` (${english.join(', ')})`}`,
    zh: `Pod ${nameOf(pod)} ${CHINESE[trouble]}${chinese.length === 0 ? '' : `（${chinese.join('，')}）`}`,
  }
}

const LONGEST = 160

function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`
}

/** What usually helps. */
const ADVICE: Readonly<Record<PodTrouble, Text>> = {
  image: {
    en: 'Correct the image or its registry: the name, the tag, the pull secret, the way from the node to the registry',
    zh: '修正镜像或镜像仓库：名称、tag、拉取凭据、节点到仓库的网络',
  },
  crashing: { en: 'Its log says why', zh: '原因见它的日志' },
  init: { en: 'The log of its init container says why', zh: '原因见其 init 容器的日志' },
  probe: { en: 'Its log says why', zh: '原因见它的日志' },
  'out-of-memory': { en: 'Give it more memory (INJ160)', zh: '为它分配更多内存（INJ160）' },
  unschedulable: {
    en: 'Make room: add nodes, lower the requests, or tolerate the taints that keep it away',
    zh: '腾出资源：增加节点、降低 requests，或容忍相应的污点',
  },
  configuration: {
    en: 'Create what it refers to (a Secret, a ConfigMap, a key of them), or correct the reference',
    zh: '创建它引用的对象（Secret、ConfigMap 或其中的键），或修正引用',
  },
  creating: { en: 'Its Events say what it waits for', zh: '它在等待什么，见其 Event' },
  evicted: { en: 'Its Events say why', zh: '原因见其 Event' },
  unknown: { en: 'Its Events say what it waits for', zh: '它在等待什么，见其 Event' },
}

const SEEN_IN_LOG: ReadonlySet<PodTrouble> = new Set(['crashing', 'init', 'probe'])

/** What a person looks at next, and what usually helps. */
export function podAdvice({ pod, container, trouble = 'unknown', restarts }: PodState): {
  readonly text: Text
  readonly commands: readonly string[]
} {
  const pre = kubectl({ namespace: namespaceOf(pod) })
  const name = shellWord(nameOf(pod))
  const which = container === undefined ? '' : ` -c ${shellWord(container)}`
  const look = SEEN_IN_LOG.has(trouble)
    ? `${pre} logs ${name}${which}${restarts > 0 ? ' --previous' : ''}`
    : `${pre} describe pod ${name}`
  const commands = trouble === 'unschedulable' ? [look, 'kubectl describe nodes'] : [look]
  return { text: ADVICE[trouble], commands }
}
