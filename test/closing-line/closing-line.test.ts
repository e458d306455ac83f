import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { isExcused } from '../../tools/closing-line.ts'

describe('a test that is skipped where nothing may be', () => {
  it('is excused by environment variables that are not set, all of them', () => {
    const title = 'e2e.test.ts: the same against a real one (skipped: KUBEBUILDER_ASSETS or KUBECONFIG is not set)'
    expect(isExcused(title, {})).toBe(true)
    expect(isExcused(title, { KUBECONFIG: '' })).toBe(true)
    expect(isExcused(title, { KUBECONFIG: '/kubeconfig' })).toBe(false)
  })

  it('is excused by a program that is not there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'proa-path-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    expect(isExcused('kubectl (skipped: kubectl is not on PATH)', { PATH: folder })).toBe(true)
    writeFileSync(join(folder, 'kubectl'), '')
    expect(isExcused('kubectl (skipped: kubectl is not on PATH)', { PATH: folder })).toBe(false)
  })

  it('is excused by what the cluster at hand cannot do', () => {
    expect(isExcused('workloads (skipped: this cluster runs no controllers)', { KUBECONFIG: 'x' })).toBe(true)
  })

  it('is not excused otherwise', () => {
    expect(isExcused('later', {})).toBe(false)
    expect(isExcused('a suite (skipped: it takes long)', {})).toBe(false)
  })
})
