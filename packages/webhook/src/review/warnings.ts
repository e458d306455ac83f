import type { Decision, InjectionWarning } from '@proa/injector'
import { isObject, type Json, type JsonObject } from '@proa/kube'

/** Kubernetes asks for no more per warning, and cuts what is longer than 256. */
export const LONGEST_WARNING = 120
/** A client prints them all; whoever has more mistakes than that finds the rest after mending these. */
const MOST_WARNINGS = 8
/** No word of ours is longer; names of users can be. */
const LONGEST_WORD = 50

/** Warnings about the configuration are for whoever runs the injector, not for whoever creates a Pod. */
const ABOUT_CONFIGURATION: ReadonlySet<string> = new Set(['InvalidSelector', 'UnknownPolicy', 'UnknownTemplateKey'])

/** What the creator of the Pod is told: each at most {@link LONGEST_WARNING} characters, only where there is something to do. */
export function answerWarnings(
  warnings: readonly InjectionWarning[],
  decision: Decision,
  pod: Json | undefined,
): readonly string[] {
  const told = warnings.filter(({ code }) => !ABOUT_CONFIGURATION.has(code)).map(({ message }) => message)
  const refused = decision.injected ? undefined : refusedWish(decision, pod)
  const all = [...new Set(refused === undefined ? told : [refused, ...told])]
  const kept = all.length > MOST_WARNINGS ? all.slice(0, MOST_WARNINGS - 1) : all
  const rest = all.length - kept.length
  return [...kept.map(shortWarning), ...(rest > 0 ? [`and ${rest} more warnings; "proa explain" shows all`] : [])]
}

const INJECT = 'sidecar.istio.io/inject'

/** Who asks for a sidecar and gets none should hear of it; who does not ask knows. */
function refusedWish({ reason }: Decision, pod: Json | undefined): string | undefined {
  const why =
    reason === 'HostNetwork'
      ? 'it uses the host network'
      : reason === 'IgnoredNamespace'
        ? 'namespaces of the system are left alone'
        : undefined
  if (why === undefined || !isObject(pod)) return undefined
  const metadata = objectOf(pod, 'metadata')
  const asks = ['labels', 'annotations'].some((key) => objectOf(metadata, key)?.[INJECT] === 'true')
  return asks ? `${INJECT} is "true", but the Pod gets no sidecar: ${why}` : undefined
}

function objectOf(value: JsonObject | undefined, key: string): JsonObject | undefined {
  const found = value?.[key]
  return isObject(found) ? found : undefined
}

/** Cuts inside long names first, then at the end of a word, so that the reason stays. */
export function shortWarning(message: string): string {
  // A warning travels in an HTTP header, which has no line breaks.
  const line = message.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim()
  if (lengthOf(line) <= LONGEST_WARNING) return line
  const short = line
    .split(' ')
    .map((word) => (lengthOf(word) > LONGEST_WORD ? shortWord(word) : word))
    .join(' ')
  if (lengthOf(short) <= LONGEST_WARNING) return short
  const cut = [...short].slice(0, LONGEST_WARNING - 1).join('')
  const end = cut.lastIndexOf(' ')
  return `${end > LONGEST_WARNING / 2 ? cut.slice(0, end) : cut}…`
}

function shortWord(word: string): string {
  const characters = [...word]
  const half = Math.floor((LONGEST_WORD - 1) / 2)
  return `${characters.slice(0, half).join('')}…${characters.slice(-half).join('')}`
}

function lengthOf(text: string): number {
  return text.length <= LONGEST_WARNING ? text.length : [...text].length
}
