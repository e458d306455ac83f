import { badRequest, invalid } from '../api/errors.ts'
import type { ListQuery } from '../api/read.ts'
import type { WatchQuery } from '../api/watch.ts'
import { isTrue } from './request-info.ts'

export function listQuery(query: URLSearchParams): ListQuery {
  const limitText = query.get('limit') ?? '0'
  if (limitText !== '' && !/^-?\d+$/.test(limitText))
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limitText)}: invalid syntax`)
  const limit = Number(limitText)
  if (query.has('sendInitialEvents')) {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      {
        field: 'sendInitialEvents',
        reason: 'FieldValueForbidden',
        message: 'Forbidden: sendInitialEvents is forbidden for list',
      },
    ])
  }
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: Number.isInteger(limit) && limit > 0 ? limit : 0,
    continueToken: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
  }
}

export function watchQuery(query: URLSearchParams): WatchQuery {
  const initial = query.get('sendInitialEvents')
  return {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    bookmarks: isTrue(query.get('allowWatchBookmarks')),
    sendInitialEvents: initial === null ? undefined : isTrue(initial),
  }
}

/** Milliseconds that a watch lives: what the client asks for, or half an hour to an hour. */
export function watchTimeout(query: URLSearchParams, random: number): number {
  const seconds = Number(query.get('timeoutSeconds') ?? '0')
  return (Number.isInteger(seconds) && seconds > 0 ? Math.min(seconds, 86_400) : 1800 + random * 1800) * 1000
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds of `timeout=1m30s`, with which a client says how long it will wait; undefined: it does not say. */
export function requestTimeout(query: URLSearchParams): number | undefined {
  const text = query.get('timeout') ?? ''
  if (text === '') return undefined
  if (!/^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/.test(text))
    throw badRequest(`invalid timeout specified in the request URL - time: invalid duration ${JSON.stringify(text)}`)
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)]
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0)
  return total === 0 ? undefined : total
}

export interface WriteQuery {
  readonly dryRun: boolean
  readonly fieldManager: string
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict'
  readonly force: boolean
}

/** Options of a create, an update or a patch. */
export function writeQuery(kind: string, query: URLSearchParams, userAgent: string | undefined): WriteQuery {
  const options = { group: 'meta.k8s.io', kind }
  const fieldManager = query.get('fieldManager') ?? ''
  if (fieldManager.length > 128) {
    throw invalid(options, '', [
      { field: 'fieldManager', reason: 'FieldValueTooLong', message: 'Too long: may not be more than 128 bytes' },
    ])
  }
  const validation = query.get('fieldValidation') ?? ''
  if (validation !== '' && validation !== 'Ignore' && validation !== 'Warn' && validation !== 'Strict') {
    const message = `Unsupported value: ${JSON.stringify(validation)}: supported values: "", "Ignore", "Strict", "Warn"`
    throw invalid(options, '', [{ field: 'fieldValidation', reason: 'FieldValueNotSupported', message }])
  }
  return {
    dryRun: dryRunOf(options, query.getAll('dryRun')),
    fieldManager: fieldManager === '' && !isApply(kind, query) ? managerOf(userAgent) : fieldManager,
    fieldValidation: validation === '' ? 'Warn' : validation,
    force: isTrue(query.get('force')),
  }
}

function isApply(kind: string, query: URLSearchParams): boolean {
  return kind === 'PatchOptions' && query.get('apply') === 'true'
}

export function dryRunOf(options: { group: string; kind: string }, values: readonly string[]): boolean {
  const wrong = values.filter((value) => value !== 'All')
  if (wrong.length > 0) {
    throw invalid(options, '', [
      {
        field: 'dryRun',
        reason: 'FieldValueNotSupported',
        message: `Unsupported value: [${values.map((one) => JSON.stringify(one)).join(' ')}]: supported values: "All"`,
      },
    ])
  }
  return values.length > 0
}

/** What a client that does not name its field manager is called. */
export function managerOf(userAgent: string | undefined): string {
  return (userAgent ?? 'unknown').split('/', 1)[0]?.slice(0, 128) ?? 'unknown'
}
