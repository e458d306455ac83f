import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Authority, createAuthority, type IssuedCertificate, issueServingCertificate } from '@proa/pki'
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recordingLog, recordingMetrics } from '../../testing/quiet.ts'
import type { CertificateSource } from '../contracts.ts'
import { type CertificateFiles, certificatesFromFiles } from './files.ts'

const DAY = 86_400_000
const now = new Date()
let authority: Authority
let first: IssuedCertificate
let second: IssuedCertificate
let folder: string
const running: CertificateSource[] = []

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'root', validFor: 30 * DAY, now })
  const issue = () => issueServingCertificate(authority, { dnsNames: ['a.test'], validFor: DAY, now })
  ;[first, second] = await Promise.all([issue(), issue()])
})
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'proa-certificates-'))
})
afterEach(async () => {
  for (const one of running.splice(0)) one.stop()
  await rm(folder, { recursive: true })
})

const file = (name: string): string => path.join(folder, name)

function start(options: Partial<CertificateFiles> = {}) {
  const [log, metrics] = [recordingLog(), recordingMetrics()]
  const source = certificatesFromFiles({
    certFile: file('tls.crt'),
    keyFile: file('tls.key'),
    caFile: file('ca.crt'),
    // A poll would hide that nobody was told of a change.
    pollInterval: 3_600_000,
    log,
    metrics,
    ...options,
  })
  running.push(source)
  return { source, log, metrics }
}

function until(source: CertificateSource, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!condition()) return
      unsubscribe()
      resolve()
    }
    const unsubscribe = source.subscribe(look)
    look()
  })
}

async function write(pair: IssuedCertificate, place = folder): Promise<void> {
  await writeFile(path.join(place, 'ca.crt'), authority.certificate)
  await writeFile(path.join(place, 'tls.crt'), pair.certificate)
  await writeFile(path.join(place, 'tls.key'), pair.privateKey)
}

/** As the kubelet mounts a Secret: files are links into `..data`, and `..data` is a link that is exchanged. */
async function mount(pair: IssuedCertificate, version: string): Promise<void> {
  await mkdir(file(version))
  await write(pair, file(version))
  await symlink(version, file('..data_tmp'))
  await rename(file('..data_tmp'), file('..data'))
}

describe('certificates of files', () => {
  it('are served with what they say', async () => {
    await write(first)
    const { source, metrics } = start()
    await until(source, () => source.current !== undefined)
    expect(source.current).toMatchObject({ ...first, caBundle: authority.certificate })
    expect(source.current?.notAfter.getTime()).toBeLessThan(Number(source.current?.caNotAfter))
    expect(metrics.counted).toEqual(['certificate loaded'])
  })

  it('may come without a CA', async () => {
    await write(first)
    const { source } = start({ caFile: undefined })
    await until(source, () => source.current !== undefined)
    expect(source.current).toMatchObject({ caBundle: undefined, caNotAfter: undefined })
  })

  it('follow when they are written again', async () => {
    await write(first)
    const { source } = start()
    await until(source, () => source.current !== undefined)
    await write(second)
    await until(source, () => source.current?.certificate === second.certificate)
    expect(source.current).toMatchObject({ privateKey: second.privateKey })
  })

  it('follow when Kubernetes exchanges the mounted Secret', async () => {
    await mount(first, '..1')
    for (const name of ['tls.crt', 'tls.key', 'ca.crt']) await symlink(path.join('..data', name), file(name))
    const { source, metrics } = start()
    await until(source, () => source.current !== undefined)
    await mount(second, '..2')
    await until(source, () => source.current?.certificate === second.certificate)
    expect(metrics.counted).toEqual(['certificate loaded', 'certificate loaded'])
  })

  it('may come later than the server, even their folder', async () => {
    const place = file('later')
    const { source } = start({
      certFile: path.join(place, 'tls.crt'),
      keyFile: path.join(place, 'tls.key'),
      caFile: undefined,
    })
    await until(source, () => source.problem !== undefined)
    expect(source.problem).toContain('does not exist')
    await mkdir(place)
    await write(first, place)
    await until(source, () => source.current !== undefined)
    expect(source.problem).toBeUndefined()
  })

  it('follow in a folder that was deleted and made again', async () => {
    const place = file('again')
    await mkdir(place)
    await write(first, place)
    const names = { certFile: path.join(place, 'tls.crt'), keyFile: path.join(place, 'tls.key'), caFile: undefined }
    const { source } = start(names)
    await until(source, () => source.current !== undefined)
    await rm(place, { recursive: true })
    await until(source, () => source.problem !== undefined)
    await mkdir(place)
    await write(first, place)
    await until(source, () => source.problem === undefined)
    await write(second, place)
    await until(source, () => source.current?.certificate === second.certificate)
  })
})

describe('a wrong pair is refused, the last good one stays, and a right one mends it', () => {
  it.each([
    [
      'a key of another certificate',
      'tls.key',
      () => second.privateKey,
      'does not belong to the certificate of "CN=a.test"',
    ],
    ['half a certificate', 'tls.crt', () => first.certificate.slice(0, 200), 'cut off'],
    ['an empty CA', 'ca.crt', () => '', 'holds no certificate'],
  ])('%s', async (_, name, text, problem) => {
    await write(first)
    const { source, log, metrics } = start()
    await until(source, () => source.current !== undefined)
    await writeFile(file(name), text())
    await until(source, () => source.problem?.includes(problem) === true)
    expect(source.problem).toContain(file('tls.crt'))
    expect(source.current?.certificate).toBe(first.certificate)
    expect(metrics.counted).toContain('certificate rejected')
    expect(log.lines.join()).not.toContain(second.privateKey.slice(40, 80))
    await write(second)
    await until(source, () => source.problem === undefined)
    expect(source.current?.certificate).toBe(second.certificate)
  })

  it('an expired one, and one without the names that are called', async () => {
    await write(first)
    const late = start({ now: () => new Date(now.getTime() + 2 * DAY) })
    await until(late.source, () => late.source.problem !== undefined)
    expect(late.source).toMatchObject({ current: undefined, problem: expect.stringContaining('has ended on') })
    const strange = start({ dnsNames: ['b.test'] })
    await until(strange.source, () => strange.source.problem !== undefined)
    expect(strange.source.problem).toContain('the certificate is not for b.test')
  })

  it('a certificate that ends while it is served is a problem, although nothing has changed', async () => {
    await write(first)
    let time = now
    const { source } = start({ now: () => time, pollInterval: 1 })
    await until(source, () => source.current !== undefined)
    time = new Date(now.getTime() + 2 * DAY)
    await until(source, () => source.problem?.includes('has ended') === true)
  })
})
