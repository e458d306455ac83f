import type { CertificateRow } from '../../report.ts'
import { tableLines } from '../width.ts'
import type { Style } from './options.ts'

/** By revision; places with the same certificate in one row, so that what differs is seen. Fingerprints whole. */
export function certificatesLines(rows: readonly CertificateRow[], style: Style): readonly string[] {
  const { paint, words } = style
  const revisions = [...Map.groupBy(rows, ({ revision }) => revision)]
  return revisions.flatMap(([revision, own]) => [
    paint.strong(words.certificates(revision)),
    '',
    ...tableLines(
      [
        ['PLACE', 'SHA-256', 'NOT AFTER', 'SUBJECT', 'WHERE'].map((text) => ({ text, paint: paint.faint })),
        ...sameCertificates(own).map((same) => tableRow(same, style)),
      ],
      '  ',
    ),
    '',
  ])
}

function sameCertificates(rows: readonly CertificateRow[]): readonly (readonly CertificateRow[])[] {
  const keyOf = ({ place, fingerprint, problem, subject }: CertificateRow): string =>
    [place, fingerprint, subject, problem?.en ?? ''].join('\n')
  return [...Map.groupBy(rows, keyOf).values()]
}

const MOST_PLACES = 1

function tableRow(same: readonly CertificateRow[], { words, say, paint, verbose }: Style) {
  const [first] = same
  if (first === undefined) return []
  const where = same.slice(0, verbose ? same.length : MOST_PLACES).map((row) => row.where)
  const rest = same.length - where.length
  const places = words.list([...where, ...(rest > 0 ? [words.andMore(rest)] : [])])
  const { place, fingerprint, notAfter, subject, problem } = first
  return [
    words.places[place],
    { text: fingerprint === '' ? words.nothing : fingerprint, paint: paint.strong },
    notAfter,
    subject,
    { text: problem === undefined ? places : `${places}: ${say(problem)}`, paint: problem ? paint.warn : paint.faint },
  ]
}
