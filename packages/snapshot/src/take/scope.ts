import type { Kind, Unread } from '@proa/doctor'
import type { ListRef } from '@proa/kube-client'
import { type Collected, joined } from './collected.ts'
import { type Answer, type Reader, unread } from './reader.ts'
import type { Refusal } from './refusal.ts'

/** Which namespaces are read. */
export type Scope =
  | { readonly kind: 'all' }
  /** By choice, or because no more may be read. */
  | { readonly kind: 'some'; readonly namespaces: readonly string[] }

type Where = Pick<ListRef, 'labelSelector' | 'fieldSelector'>

/** Objects of a kind from all of the scope. */
export async function readKind(reader: Reader, kind: Kind, scope: Scope, where: Where = {}): Promise<Collected> {
  if (scope.kind === 'all') return collected(kind, await reader.list(kind, where))
  const { namespaces } = scope
  const answers = await Promise.all(namespaces.map((namespace) => reader.list(kind, { ...where, namespace })))
  return gathered(kind, namespaces, answers)
}

/** Who may not list a kind in all namespaces may yet be allowed to in some. */
export async function readKindWherePossible(
  reader: Reader,
  kind: Kind,
  {
    scope,
    namespaces,
    where = {},
  }: { readonly scope: Scope; readonly namespaces: readonly string[]; readonly where?: Where },
): Promise<Collected> {
  const all = await readKind(reader, kind, scope, where)
  const refused = all.unread.find(({ reason, namespace }) => reason === 'forbidden' && namespace === undefined)
  if (scope.kind === 'some' || refused === undefined) return all
  // Refused in so many namespaces, a kind will be refused in the others too.
  const first = await readKind(reader, kind, { kind: 'some', namespaces: namespaces.slice(0, ENOUGH) }, where)
  if (isNothing(first)) return all
  const rest = await readKind(reader, kind, { kind: 'some', namespaces: namespaces.slice(ENOUGH) }, where)
  // Namespaces that came to be meanwhile are not known: only those of the list are answered for.
  return joined([first, rest])
}

const ENOUGH = 20

const isNothing = ({ unread: missing }: Collected): boolean => missing.some(({ namespace }) => namespace === undefined)

/**
 * The namespaces whose Pods may be read. A cluster of which only a part may be read is that part: the other namespaces are
 * told by their names.
 */
export async function readableNamespaces(reader: Reader, namespaces: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(
    namespaces.map(async (namespace) => ({ namespace, answer: await reader.list('Pod', { namespace, ...FEW }) })),
  )
  return answers.filter(({ answer }) => answer.kind === 'objects').map(({ namespace }) => namespace)
}

/** None has such a name: the question is only whether one may ask. */
const FEW = { fieldSelector: 'metadata.name=proa-may-i' } as const

function collected(kind: Kind, answer: Answer, where: { namespace?: string } = {}): Collected {
  return answer.kind === 'objects'
    ? { objects: answer.objects, unread: [] }
    : { objects: [], unread: [unread(kind, answer.refusal, where)] }
}

/** One refusal for all where all are refused for the same reason. */
function gathered(kind: Kind, namespaces: readonly string[], answers: readonly Answer[]): Collected {
  const refusals = answers.flatMap((answer): Refusal[] => (answer.kind === 'refused' ? [answer.refusal] : []))
  const [first] = refusals
  const alike = first !== undefined && refusals.every(({ reason }) => reason === first.reason)
  if (alike && refusals.length === answers.length) return { objects: [], unread: [unread(kind, first)] }
  return joined(answers.map((answer, index) => collected(kind, answer, { namespace: namespaces[index] ?? '' })))
}

export function leftOut(namespaces: readonly string[]): readonly Unread[] {
  const refusal = { reason: 'forbidden', message: 'the Pods of this namespace may not be read' } as const
  return namespaces.map((name) => unread('Namespace', refusal, { name }))
}
