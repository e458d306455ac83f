import type { Text } from '../language.ts'
import type { Classification } from './classification.ts'
import { type CallFacts, factsOf } from './facts.ts'
import { type Piece, piecesOf } from './pieces.ts'
import { ANSWERS } from './signatures/answers.ts'
import { CERTIFICATES } from './signatures/certificates.ts'
import { DENIALS } from './signatures/denials.ts'
import { NETWORK } from './signatures/network.ts'
import { POD } from './signatures/pod.ts'
import { PROXY } from './signatures/proxy.ts'
import { type Signature, webhookIn } from './signatures/signature.ts'

/** What can go wrong with a call. The order decides where several match: what says most stands first. */
const CALL: readonly Signature[] = [...PROXY, ...CERTIFICATES, ...ANSWERS, ...NETWORK]
const PLAIN: readonly Signature[] = [...POD, ...CALL]

const SIGNATURES: Readonly<Record<Piece['kind'], readonly Signature[]>> = {
  call: CALL,
  // What a webhook says in its refusal may speak of connections and certificates of its own.
  denial: DENIALS,
  plain: PLAIN,
}

/** The kubelet speaks of connections, too. */
const OF_KUBELET = /\b(?:Readiness|Liveness|Startup) probe (?:failed|errored)/

const LONGEST_MESSAGE = 2_000

/**
 * What the messages of API servers in a text mean: in the output of kubectl, in Events, in logs, as JSON or YAML, several of
 * them at once. Texts without such a message give none. Never throws; linear in the length of the text, of which the first
 * million characters are read.
 */
export function classifyMessage(text: string): readonly Classification[] {
  const found = new Map<string, Classification>()
  for (const piece of piecesOf(text)) {
    const one = classifyPiece(piece)
    if (one === undefined) continue
    // Logs and Events say the same again and again.
    const key = JSON.stringify([one.code, one.webhook, one.url, one.failedOpen, withoutTimes(one.details)])
    if (!found.has(key)) found.set(key, one)
  }
  return [...found.values()]
}

function withoutTimes({ now: _now, ...details }: Readonly<Record<string, string>>): object {
  return details
}

function classifyPiece(piece: Piece): Classification | undefined {
  if (piece.text === '' || OF_KUBELET.test(piece.text)) return undefined
  const facts = factsOf(piece.text)
  for (const signature of SIGNATURES[piece.kind]) {
    const match = signature.pattern.exec(piece.text)
    if (match === null) continue
    const matched = { details: detailsOf(match), facts }
    if (signature.when?.(matched) === false) continue
    return {
      code: signature.code,
      ...common(piece, facts),
      details: matched.details,
      verdict: signature.verdict(matched),
      checks: signature.checks,
      likelyFirst: signature.checks[0],
    }
  }
  return piece.kind === 'call' ? unknownFailure(piece, facts) : undefined
}

function detailsOf(match: RegExpExecArray): Readonly<Record<string, string>> {
  const groups = Object.entries(match.groups ?? {}).filter(
    (group): group is [string, string] => typeof group[1] === 'string' && group[1] !== '',
  )
  return Object.fromEntries(groups.map(([name, value]) => [name, value.replace(/[\s.,;:}]+$/, '')]))
}

function common(piece: Piece, facts: CallFacts): CallFacts & Pick<Classification, 'message' | 'failedOpen'> {
  return { ...facts, ...(piece.failedOpen ? { failedOpen: true } : {}), message: piece.text.slice(0, LONGEST_MESSAGE) }
}

/** A webhook failed in words of its own: what an HTTP status 403 of it brings, for example. */
function unknownFailure(piece: Piece, facts: CallFacts): Classification | undefined {
  const after = /webhook,? "[^"\s]{1,300}":?(.*)$/i.exec(piece.text)?.[1]?.trim()
  if (facts.webhook === undefined || after === undefined || after === '') return undefined
  const problem = after.replace(/^failed to call webhook: /, '').slice(0, 500)
  const name = webhookIn({ facts, details: {} })
  const verdict: Text = {
    en: `The API server could not use ${name.en}: ${problem}.`,
    zh: `API server 无法使用 ${name.zh}：${problem}。`,
  }
  return {
    code: 'webhook-call-failed',
    ...common(piece, facts),
    details: { problem },
    verdict,
    checks: ['INJ155', 'INJ154', 'INJ151'],
    likelyFirst: 'INJ155',
  }
}
