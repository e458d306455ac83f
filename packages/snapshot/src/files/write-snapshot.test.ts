import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { redactSnapshot, type Snapshot } from '@proa/doctor'
import type { Json, JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSnapshot, SnapshotError, writeSnapshot } from '../index.ts'

const now = () => new Date('2027-01-01T00:00:00Z')

function snapshotOf(objects: readonly JsonObject[]): Snapshot {
  return {
    apiVersion: 'doctor.proa.dev/v1',
    kind: 'Snapshot',
    takenAt: '2026-08-01T00:00:00.000Z',
    source: { kind: 'cluster', server: 'https://10.0.0.1:6443' },
    kubernetesVersion: 'v1.36.3',
    objects,
    unread: [{ apiVersion: 'v1', kind: 'Node', reason: 'forbidden', message: 'nodes is forbidden' }],
    probes: [],
    logs: [{ namespace: 'x', pod: 'y', container: 'z', previous: true, tail: 'line\n  ---\nPassword: hunter2' }],
  }
}

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'proa-snapshot-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return root
}

const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('yes', '1e3', '0x1', '~', '2026-01-01', 'a: b', '- x', '\n\n', ' x', 'null', '---\n'),
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('<<', '__proto__', 'yes')), tie('value'), { maxKeys: 3 }),
  ),
})).value

const object = fc
  .record({ kind: fc.constantFrom('Secret', 'Pod', 'ConfigMap'), data: value, spec: value })
  .map(
    ({ kind, ...rest }): JsonObject => ({ apiVersion: 'v1', kind, metadata: { name: 'x', namespace: 'y' }, ...rest }),
  )

describe('writeSnapshot', () => {
  it.each(['json', 'yaml', 'json.gz'])('what is read again from .%s is the redacted snapshot', async (ending) => {
    const file = join(folder(), `s.${ending}`)
    await fc.assert(
      fc.asyncProperty(fc.array(object, { maxLength: 3 }), async (objects) => {
        const snapshot = snapshotOf(objects)
        await writeSnapshot(snapshot, file)
        expect(await readSnapshot([file], { now })).toEqual(redactSnapshot(snapshot))
      }),
      { seed: 4, numRuns: 60 },
    )
  })

  it.each(['json', 'yaml', 'json.gz'])('no secret is in the file, whatever it is: .%s', async (ending) => {
    const file = join(folder(), `s.${ending}`)
    const word = fc.stringMatching(/^[A-Za-z0-9]{20,40}$/).map((text) => `zQ${text}9x`)
    await fc.assert(
      fc.asyncProperty(word, async (secret) => {
        const metadata = {
          name: 'x',
          namespace: 'istio-system',
          annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"data":"${secret}"` },
        }
        const env = [
          { name: 'DB_PASSWORD', value: secret },
          { name: 'HTTPS_PROXY', value: `http://u:${secret}@proxy` },
        ]
        const base64 = Buffer.from(secret).toString('base64')
        await writeSnapshot(
          snapshotOf([
            {
              apiVersion: 'v1',
              kind: 'Secret',
              metadata,
              data: { 'tls.crt': base64, key: base64 },
              stringData: { a: secret },
            },
            { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ env, args: ['--token', secret] }] } },
            {
              apiVersion: 'v1',
              kind: 'ConfigMap',
              metadata,
              data: { kubeconfig: `users:\n- user:\n    token: ${secret}\n` },
            },
          ]),
          file,
        )
        const bytes = readFileSync(file)
        const text = (ending.endsWith('gz') ? gunzipSync(bytes) : bytes).toString()
        expect(text).not.toContain(secret)
        expect(text).not.toContain(base64)
      }),
      { seed: 4, numRuns: 30 },
    )
  })

  it('is readable by its owner alone, and leaves nothing beside it', async () => {
    const root = folder()
    await writeSnapshot(snapshotOf([]), join(root, 's.json'))
    expect(statSync(join(root, 's.json')).mode & 0o777).toBe(0o600)
    expect(readdirSync(root)).toEqual(['s.json'])
    expect(readFileSync(join(root, 's.json'), 'utf8')).not.toContain('hunter2')
  })

  it('refuses other endings and folders that are not there', async () => {
    const root = folder()
    await expect(writeSnapshot(snapshotOf([]), join(root, 's.txt'))).rejects.toThrow(/choose one of these endings$/)
    await expect(writeSnapshot(snapshotOf([]), join(root, 'no', 's.json'))).rejects.toThrow(SnapshotError)
    expect(readdirSync(root)).toEqual([])
  })
})
