import type { NamespaceRow } from '../../report.ts'
import { type Cell, tableLines } from '../width.ts'
import type { Style } from './options.ts'

/** Rows before the others are counted. */
const MOST_ROWS = 50
/** Namespaces about which every webhook's reason is told. */
const FEW = 1

/** Like `kubectl get namespace -L istio-injection,istio.io/rev`, with a column for each webhook and what comes of it. */
export function namespacesLines(rows: readonly NamespaceRow[], style: Style): readonly string[] {
  if (rows.length === 0) return []
  const { words, paint, verbose } = style
  const shown = verbose ? rows : rows.slice(0, MOST_ROWS)
  const webhooks = [...new Set(rows.flatMap((row) => row.webhooks.map(({ webhook }) => webhook)))]
  const ambient = rows.some(({ dataplaneMode }) => dataplaneMode !== undefined)
  const header = [
    ...['NAME', 'ISTIO-INJECTION', 'ISTIO.IO/REV', ...(ambient ? ['DATAPLANE-MODE'] : [])],
    ...webhooks.map((_, index) => `[${index + 1}]`),
    ...['VERDICT', 'PODS'],
  ]
  const cells = shown.map((row): readonly (string | Cell)[] => [
    ...[row.name, row.injection ?? '', row.revision ?? '', ...(ambient ? [row.dataplaneMode ?? ''] : [])],
    ...webhooks.map((webhook) => callCell(row, webhook, style)),
    verdictCell(row, style),
    podsText(row),
  ])
  return [
    paint.strong(words.namespaces),
    '',
    ...tableLines([header.map((text) => ({ text, paint: paint.faint })), ...cells], '  '),
    ...(rows.length > shown.length
      ? [`  ${words.andMore(rows.length - shown.length)}${words.aside(words.verbose)}`]
      : []),
    '',
    ...(webhooks.length === 0 ? [] : [...legendLines(webhooks, rows, style), '']),
  ]
}

function callCell({ webhooks }: NamespaceRow, webhook: string, { paint }: Style): Cell {
  const called = webhooks.find((one) => one.webhook === webhook)?.called
  if (called === true) return { text: '✓', paint: paint.good }
  return called === 'unknown' ? { text: '?', paint: paint.warn } : { text: '-', paint: paint.faint }
}

function verdictCell({ verdict }: NamespaceRow, { words, paint }: Style): Cell {
  const colour = verdict === 'injected' ? paint.good : verdict === 'not-injected' ? paint.faint : paint.warn
  return { text: words.verdicts[verdict], paint: colour }
}

/** `3/4`: so many of all have a sidecar. */
function podsText({ pods }: NamespaceRow): string {
  return pods.all === 0 ? '-' : `${pods.injected}/${pods.all}`
}

/** The webhooks by number; for a single namespace with the reason, which says what to change. */
function legendLines(
  webhooks: readonly string[],
  rows: readonly NamespaceRow[],
  { paint, say, words, verbose }: Style,
): readonly string[] {
  const explained = verbose || rows.length <= FEW ? rows : []
  const reasons = (webhook: string): readonly string[] =>
    explained.flatMap((row) =>
      row.webhooks
        .filter((one) => one.webhook === webhook)
        .map(({ called, because }) => {
          const who = rows.length > 1 ? `${row.name}: ` : ''
          return paint.faint(`      ${who}${words.called[`${called}`]}: ${say(because)}`)
        }),
    )
  return webhooks.flatMap((webhook, index) => [`  [${index + 1}] ${webhook}`, ...reasons(webhook)])
}
