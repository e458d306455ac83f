import type { ConfigurationProblem } from '@proa/injector'
import { type Json, parseYaml, YamlError } from '@proa/kube'
import { objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Severity } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import type { Revision } from '../../mesh/revisions.ts'
import { at } from '../../reading.ts'

export function isAboutTemplate({ path = '' }: ConfigurationProblem): boolean {
  return path === 'template' || path.startsWith('templates.')
}

/** What the injector's own reader says of its configuration, with the line that it means. */
export function configurationProblem(
  revision: Revision,
  problem: ConfigurationProblem,
  severity: Severity,
): CheckOutcome {
  const { reason, hint, line, path } = problem
  const { map, key } = placeOf(revision, problem)
  const object = map === undefined ? { kind: 'ConfigMap', namespace: revision.namespace, name: '' } : objectName(map)
  const place = [
    `${object.kind} ${revision.namespace}/${object.name}`,
    key,
    path,
    line === undefined ? '' : `line ${line}`,
  ]
  const where = place.filter((part) => part !== undefined && part !== '').join(', ')
  return {
    outcome: 'found',
    object,
    revision: revision.name,
    severity,
    message: {
      en: `${where}: ${reason}`,
      zh: `${where}：${reason}`,
    },
    ...(severity === 'error'
      ? {
          meaning: {
            en: 'The injector cannot use this configuration: it goes on with the last good one, and after a restart it has none',
            zh: '注入器无法使用该配置：它会沿用上一份有效配置，重启后则没有配置可用',
          },
        }
      : {}),
    evidence: [lineEvidence(revision, problem)],
    confidence: 'certain',
    fix: {
      ...NO_STEP,
      text: {
        en: `Correct it in the key ${key} of ConfigMap ${revision.namespace}/${object.name}${hint === undefined ? '' : `: ${hint}`}`,
        zh: `在 ConfigMap ${revision.namespace}/${object.name} 的 ${key} 中修正${zhHint(hint)}`,
      },
    },
  }
}

/** The reader names its sources "ConfigMap namespace/name, key". */
function placeOf({ configMap, meshConfigMap }: Revision, { source }: ConfigurationProblem) {
  if (source.endsWith(', mesh') || source === 'mesh') return { map: meshConfigMap, key: 'mesh' }
  return { map: configMap, key: source.endsWith(', values') || source === 'values' ? 'values' : 'config' }
}

const LONGEST = 200

function lineEvidence(revision: Revision, problem: ConfigurationProblem): Evidence {
  const { map, key } = placeOf(revision, problem)
  const text = at(map, 'data', key)
  const { line, path } = problem
  const written = typeof text === 'string' ? (lineOf(text, line) ?? valueAt(text, path)) : undefined
  return {
    path: [`data.${key}`, path, line === undefined ? undefined : `line ${line}`]
      .filter((part) => part !== undefined)
      .join(': '),
    ...(written === undefined ? {} : { value: typeof written === 'string' ? written.slice(0, LONGEST) : written }),
  }
}

function lineOf(text: string, line: number | undefined): string | undefined {
  return line === undefined ? undefined : text.split('\n')[line - 1]?.trim()
}

/** Only what fits into a line. */
function valueAt(text: string, path: string | undefined): Json | undefined {
  if (path === undefined) return undefined
  let parsed: Json
  try {
    parsed = parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
  const value = at(parsed, ...path.split('.'))
  return value === undefined || JSON.stringify(value).length > LONGEST ? undefined : value
}

/** The engine gives its hints in English. */
export function zhHint(hint: string | undefined): string {
  const meant = /^did you mean "(.+)"\?$/.exec(hint ?? '')?.[1]
  return meant === undefined ? '' : `：是否应为 "${meant}"？`
}
