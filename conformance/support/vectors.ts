import { existsSync, readFileSync } from 'node:fs'
import { it } from 'vitest'
import type { Json } from '../../packages/kube/src/index.ts'

/** Istio's own test data, beside this repository. */
const VECTORS = new URL('../../../shared/vectors/injection/', import.meta.url)

/** The test data of one Istio release. */
export interface Vectors {
  readonly present: boolean
  /** For the title of a suite, so that a skipped one says why. */
  readonly note: string
  text(path: string): string
  json(path: string): unknown
  /** The tables of `unit.json` by group; without the data every table is empty. */
  tables(): unknown
}

export function openVectors(release: string): Vectors {
  const folder = new URL(`${release}/`, VECTORS)
  const present = existsSync(folder)
  const text = (path: string): string => readFileSync(new URL(path, folder), 'utf8')
  return {
    present,
    note: present ? '' : ' (skipped: there is no ../shared/vectors beside the repository)',
    text,
    json: (path) => (present ? JSON.parse(text(path)) : []),
    tables: () => (present ? JSON.parse(text('unit.json')) : new Proxy({}, { get: () => [] })),
  }
}

/** One case of `cases.json`; files are named relative to the folder of the release. */
export interface GoldenCase {
  readonly name: string
  readonly input: string
  readonly want: string | null
  readonly template: string
  readonly values: string
  readonly mesh: string
  readonly meshSet: readonly { readonly path: readonly string[]; readonly value: Json }[]
  readonly features: { readonly nativeSidecars?: boolean; readonly platform?: string }
  readonly env: Readonly<Record<string, string>>
  readonly skipWebhook: boolean
  readonly skipInjection: boolean
  readonly expectedError: string | null
  readonly expectedLog: string | null
}

/** Registers a skipped test that says why, where the data is not there; a suite without tests would be passed over in silence. */
export function skipWithout(vectors: Vectors): void {
  if (!vectors.present) it.skip('skipped: there is no ../shared/vectors beside the repository', () => {})
}
