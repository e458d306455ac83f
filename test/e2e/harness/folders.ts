import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'proa-e2e-'))
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Short, and part of the names of everything that one run makes. */
export function randomSuffix(): string {
  return randomBytes(3).toString('hex')
}
