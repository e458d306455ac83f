import type { Check } from '../check.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { NotEvaluatedCheck } from '../finding.ts'
import type { Text } from '../language.ts'
import { type Kind, kindOf } from '../snapshot/kinds.ts'
import type { Unread, UnreadReason } from '../snapshot/types.ts'
import { subjects } from '../subjects/subjects.ts'

/** What of the kinds that a check needs could not be read at all; then it cannot run. */
export function unreadEverywhere(cluster: Cluster, check: Check): readonly Unread[] {
  const needs = templatesWillDo(cluster, check) ? check.needs.filter((kind) => kind !== 'Pod') : check.needs
  return needs.flatMap((kind) => cluster.unread(kind) ?? [])
}

/** What has to be known to say what the injector would make of a template. */
const RENDERING: readonly Kind[] = ['MutatingWebhookConfiguration', 'Namespace', 'ConfigMap']

/** Files of a repository have workloads and no Pods. */
function templatesWillDo(cluster: Cluster, { templates }: Check): boolean {
  if (templates === undefined || cluster.unread('Pod')?.reason !== 'not-given') return false
  if (templates === 'rendered' && RENDERING.some((kind) => cluster.unread(kind) !== undefined)) return false
  return subjects(cluster).length > 0
}

/** What of the needed kinds could not be read in some namespaces, while the others were. */
export function unreadInNamespaces(cluster: Cluster, { needs }: Check): readonly Unread[] {
  const wanted = new Set<Kind>(needs)
  return cluster.snapshot.unread.filter((one) => {
    const kind = kindOf(one.apiVersion, one.kind)
    return (
      kind !== undefined &&
      wanted.has(kind) &&
      one.namespace !== undefined &&
      one.name === undefined &&
      one.reason !== 'not-served'
    )
  })
}

/** The entry of a report about a check that misses something. */
export function missingEntry(cluster: Cluster, { id }: Check, missing: readonly Unread[]): NotEvaluatedCheck {
  return { id, reason: missingText(missing, cluster.snapshot.source.kind === 'cluster'), missing }
}

/** One sentence per reason, the kinds of each listed. */
function missingText(missing: readonly Unread[], live: boolean): Text {
  const groups = [...Map.groupBy(missing, ({ reason }) => reason)]
  return {
    en: groups
      .map(
        ([reason, all]) =>
          `${live && reason === 'not-given' ? 'not looked at' : ENGLISH[reason]}: ${kindsOf(all, ', ')}`,
      )
      .join('; '),
    zh: groups
      .map(([reason, all]) => `${live && reason === 'not-given' ? '未查看' : CHINESE[reason]}：${kindsOf(all, '、')}`)
      .join('；'),
  }
}

/** More namespaces than one can read are counted. */
const MOST_NAMESPACES = 3

function kindsOf(missing: readonly Unread[], separator: string): string {
  const kinds = [...Map.groupBy(missing, ({ kind }) => kind)]
  return kinds
    .map(([kind, all]) => {
      const namespaces = [...new Set(all.flatMap(({ namespace }) => namespace ?? []))]
      if (namespaces.length === 0) return kind
      const rest = namespaces.length - MOST_NAMESPACES
      const shown = namespaces.slice(0, MOST_NAMESPACES).join(', ')
      return `${kind} (${shown}${rest > 0 ? ` +${rest}` : ''})`
    })
    .join(separator)
}

const ENGLISH: Readonly<Record<UnreadReason, string>> = {
  forbidden: 'no permission to read',
  timeout: 'the API server did not answer in time when asked for',
  unreachable: 'the API server could not be reached for',
  'not-given': 'not among the given files',
  'not-served': 'the API server does not know',
  error: 'could not be read',
}

const CHINESE: Readonly<Record<UnreadReason, string>> = {
  forbidden: '没有读取权限',
  timeout: '读取时 API server 超时',
  unreachable: '读取时无法连接 API server',
  'not-given': '所给文件中没有',
  'not-served': 'API server 不提供',
  error: '无法读取',
}
