import { isObject, type Json, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import type { Fix } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { annotationOf, textAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { envOf, type Proxied } from './proxied.ts'
import { templateChange } from './template-change.ts'

export const PROXY_CONFIG_ANNOTATION = 'proxy.istio.io/config'

/** What the agent of the Pod was told: the variable PROXY_CONFIG, from which defaults are left out. */
export function proxyConfigOf({ pod, proxy }: Pick<Proxied, 'pod' | 'proxy'>): JsonObject {
  const told = readObject(envOf(proxy, 'PROXY_CONFIG'))
  return told ?? readObject(annotationOf(pod, PROXY_CONFIG_ANNOTATION)) ?? {}
}

function readObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value = parseYaml(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (error instanceof YamlError) return undefined
    throw error
  }
}

/** A variable of the proxy: its own, or one of `proxyMetadata`. */
export function proxyVariable(one: Pick<Proxied, 'pod' | 'proxy'>, name: string): string | undefined {
  return envOf(one.proxy, name) ?? (textAt(proxyConfigOf(one), 'proxyMetadata', name) || undefined)
}

/** Sets fields in the annotation `proxy.istio.io/config` (and of `spec`, where needed) and keeps the others that stand there. */
export function proxyConfigFix(
  subject: Subject,
  text: Text,
  fields: Readonly<Record<string, Json>>,
  spec: JsonObject = {},
): Fix {
  const known = readObject(annotationOf(subject.template, PROXY_CONFIG_ANNOTATION)) ?? {}
  return templateChange(subject, text, {
    metadata: { annotations: { [PROXY_CONFIG_ANNOTATION]: JSON.stringify({ ...known, ...fields }) } },
    ...(Object.keys(spec).length === 0 ? {} : { spec }),
  })
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 }

/** Seconds of `45s`, `1m30s`; undefined for what is none. */
export function secondsOf(duration: string): number | undefined {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+$/.test(duration)) return undefined
  return [...duration.matchAll(/([\d.]+)(h|ms|m|s)/g)].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0),
    0,
  )
}
