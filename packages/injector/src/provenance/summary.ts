import type { FinishStep } from '../finish/index.ts'
import type { FieldOrigin, Origin } from './types.ts'

/** What an injection did to one part of a Pod, and what did it. */
export interface OriginSummary {
  /** `container istio-proxy`, `init container istio-init`, `volumes`, `labels`, `annotations`, `spec.dnsConfig`. */
  readonly subject: string
  /** Whether the part is new as a whole. Of several volumes or labels each may be new: then it is `changed`. */
  readonly change: 'added' | 'changed' | 'removed'
  readonly parts: readonly OriginPart[]
}

/** The fields of one part that come from the same place; their paths are relative to the part, and each is named once. */
export type OriginPart = { readonly fields: readonly string[]; readonly count: number } & (
  | { readonly kind: 'template'; readonly template: string; readonly lines: readonly LineRange[] }
  | { readonly kind: 'override'; readonly source: string }
  | { readonly kind: 'finish'; readonly step: FinishStep }
  | { readonly kind: 'configuration'; readonly path: string }
)

/** Lines of a template, both ends included. Lines in between may have written nothing. */
export interface LineRange {
  readonly first: number
  readonly last: number
}

/** Groups the origins of an injection by the parts of the Pod, in the order in which they come. */
export function summarizeOrigins(origins: readonly FieldOrigin[]): readonly OriginSummary[] {
  const groups = new Map<string, FieldOrigin[]>()
  for (const each of origins) {
    const { subject } = placeOf(each.path)
    const group = groups.get(subject)
    if (group === undefined) groups.set(subject, [each])
    else group.push(each)
  }
  return [...groups].map(([subject, fields]) => ({ subject, change: changeOf(fields), parts: partsOf(fields) }))
}

/** One line of English: `container istio-proxy (added): template sidecar, lines 141-297; env[X] by probes`. */
export function describeOrigins({ subject, change, parts }: OriginSummary): string {
  const mark = change === 'changed' ? '' : ` (${change})`
  return `${subject}${mark}: ${parts.map(describePart).join('; ')}`
}

function describePart(part: OriginPart): string {
  switch (part.kind) {
    case 'template':
      return `template ${part.template}${part.lines.length === 0 ? '' : `, ${linesText(part.lines)}`}`
    case 'override':
      return `${named(part)} by user override (${part.source})`
    case 'finish':
      return `${named(part)} by ${part.step}`
    case 'configuration':
      return `${named(part)} by ${part.path}`
  }
}

function linesText(ranges: readonly LineRange[]): string {
  const [only] = ranges
  if (ranges.length === 1 && only?.first === only?.last) return `line ${only?.first}`
  return `lines ${ranges.map(({ first, last }) => (first === last ? first : `${first}-${last}`)).join(', ')}`
}

const MOST_NAMED = 4

function named({ fields, count }: OriginPart): string {
  return fields.length === 0 || fields.length > MOST_NAMED
    ? `${count} ${count === 1 ? 'field' : 'fields'}`
    : fields.join(', ')
}

interface Place {
  readonly subject: string
  readonly field: string
}

/** A label as it is written: a quoted text, or anything but a bracket. */
const LABEL = String.raw`\[("(?:[^"\\]|\\.)*"|[^\]]*)\]`
const CONTAINER = new RegExp(String.raw`^spec\.(\w*[cC]ontainers)${LABEL}\.?(.*)$`, 's')
const METADATA = new RegExp(String.raw`^metadata\.(labels|annotations)\.?(?:${LABEL})?(.*)$`, 's')
const LISTS = new RegExp(String.raw`^spec\.(volumes|imagePullSecrets)(?:${LABEL})?\.?.*$`, 's')
const KINDS: ReadonlyMap<string, string> = new Map([
  ['containers', 'container'],
  ['initContainers', 'init container'],
  ['ephemeralContainers', 'ephemeral container'],
])

function placeOf(path: string): Place {
  const container = CONTAINER.exec(path)
  if (container !== null) {
    return {
      subject: `${KINDS.get(container[1] ?? '') ?? container[1]} ${unquoted(container[2])}`,
      field: container[3] ?? '',
    }
  }
  const metadata = METADATA.exec(path)
  if (metadata !== null) return { subject: metadata[1] ?? '', field: unquoted(metadata[2]) || (metadata[3] ?? '') }
  const list = LISTS.exec(path)
  if (list !== null)
    return { subject: list[1] === 'volumes' ? 'volumes' : 'image pull secrets', field: unquoted(list[2]) }
  const [, subject = path, field = ''] = /^((?:spec|metadata)\.\w+)\.?(.*)$/s.exec(path) ?? []
  return { subject, field }
}

function unquoted(label: string | undefined): string {
  return label?.startsWith('"') === true ? String(JSON.parse(label)) : (label ?? '')
}

/** An item that is new as a whole brings its name. */
function changeOf(fields: readonly FieldOrigin[]): OriginSummary['change'] {
  const named = fields.find(({ path }) => placeOf(path).field === 'name')
  const isContainer = fields.every(({ path }) => CONTAINER.test(path))
  return isContainer && (named?.change === 'added' || named?.change === 'removed') ? named.change : 'changed'
}

function partsOf(origins: readonly FieldOrigin[]): readonly OriginPart[] {
  const parts = new Map<string, FieldOrigin[]>()
  for (const each of origins) {
    const key = partKey(each.origin)
    const part = parts.get(key)
    if (part === undefined) parts.set(key, [each])
    else part.push(each)
  }
  return [...parts.values()].map(partOf)
}

function partKey(origin: Origin): string {
  switch (origin.kind) {
    case 'template':
      return `template ${origin.template}`
    case 'override':
      return `override ${origin.source}`
    case 'finish':
      return `finish ${origin.step}`
    case 'configuration':
      return `configuration ${origin.path}`
  }
}

function partOf(origins: readonly FieldOrigin[]): OriginPart {
  const fields = [...new Set(origins.map(fieldName))]
  const shared = { fields, count: origins.length }
  const [first] = origins
  const origin: Origin = first?.origin ?? { kind: 'finish', step: 'metadata' }
  switch (origin.kind) {
    case 'template': {
      const lines = origins.map((each) => (each.origin.kind === 'template' ? each.origin.line : 0))
      return {
        kind: 'template',
        template: origin.template,
        lines: rangesOf(lines.filter((line) => line > 0)),
        ...shared,
      }
    }
    case 'override':
      return { kind: 'override', source: origin.source, ...shared }
    case 'finish':
      return { kind: 'finish', step: origin.step, ...shared }
    case 'configuration':
      return { kind: 'configuration', path: origin.path, ...shared }
  }
}

/** A block of a template has conditions in it that wrote nothing; a part that is defined elsewhere is farther away. */
const LARGEST_GAP = 20

function rangesOf(lines: readonly number[]): readonly LineRange[] {
  const ranges: { first: number; last: number }[] = []
  for (const line of lines.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1)
    if (open !== undefined && line - open.last <= LARGEST_GAP) open.last = line
    else ranges.push({ first: line, last: line })
  }
  return ranges
}

/** What a reader looks for: `env[A]` of `env[A].value`, `readinessProbe` of what a step did to its parts. */
function fieldName({ path, change, origin }: FieldOrigin): string {
  const { field } = placeOf(path)
  if (change === 'moved') return field === '' ? 'position' : `position of ${field}`
  if (!CONTAINER.test(path)) return field
  const item = new RegExp(String.raw`^\w+${LABEL}`, 's').exec(field)?.[0]
  const whole = origin.kind === 'finish' ? /^[\w-]+(?=\.)/.exec(field)?.[0] : undefined
  return item ?? whole ?? field
}
