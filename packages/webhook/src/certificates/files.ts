import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { checkServingPair, PkiError } from '@proa/pki'
import type { CertificateSource, ServingCertificate, WebhookMetrics } from '../contracts.ts'
import { type Watchable, watchable } from '../watched.ts'
import { watchDirectories } from '../watched-directories.ts'
import type { CertificateLog } from './certificate-log.ts'
import { sameServingCertificate, servingCertificate } from './serving-certificate.ts'

export interface CertificateFiles {
  /** PEM, the chain, leaf first. */
  readonly certFile: string
  /** PEM. */
  readonly keyFile: string
  /** PEM; the chain is checked with it, and it is what the API server is told to trust. */
  readonly caFile?: string | undefined
  /** Names that the API server will call; a certificate without them is refused. Default: not checked. */
  readonly dnsNames?: readonly string[]
  /** Milliseconds between two looks at files whose changes nobody tells (network file systems). Default 30,000. */
  readonly pollInterval?: number
  readonly now?: () => Date
  readonly log: CertificateLog
  readonly metrics: WebhookMetrics
}

/** Files of one change come one after the other. */
const DEBOUNCE = 100

/**
 * The certificate of files. Their directories are watched and not they themselves: Kubernetes changes a mounted Secret by
 * exchanging the link `..data`, and who watches the old file never hears of the new one.
 *
 * A pair that does not fit together (half written, mismatched, expired) is refused: the last good one stays, and `problem`
 * says what is wrong in which file. The next change or poll mends it.
 */
export function certificatesFromFiles(files: CertificateFiles): CertificateSource {
  const { pollInterval = 30_000, now = () => new Date() } = files
  const value = watchable<ServingCertificate>(sameServingCertificate)
  const directories = watchDirectories(new Set(placesOf(files).map((file) => path.dirname(file))), () =>
    schedule(DEBOUNCE),
  )
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  // One reading after the other, so that an older one never comes in later.
  let reading = Promise.resolve()

  function schedule(delay: number): void {
    if (stopped) return
    clearTimeout(timer)
    timer = setTimeout(read, delay)
  }
  function read(): void {
    directories.renew()
    reading = reading.then(async () => {
      if (stopped) return
      await load(files, now(), value)
      // A pair that is being written is whole in a moment, and that moment may pass without an event.
      schedule(value.problem === undefined ? pollInterval : Math.min(pollInterval, 1000))
    })
  }
  read()
  return {
    get current() {
      return value.current
    },
    get problem() {
      return value.problem
    },
    subscribe: value.subscribe,
    stop() {
      stopped = true
      clearTimeout(timer)
      directories.stop()
    },
  }
}

async function load(files: CertificateFiles, now: Date, value: Watchable<ServingCertificate>): Promise<void> {
  const before = { current: value.current, problem: value.problem }
  try {
    const [certificate, privateKey, bundle] = await Promise.all([
      text(files.certFile),
      text(files.keyFile),
      files.caFile === undefined ? undefined : text(files.caFile),
    ])
    checkServingPair({ certificate, privateKey, bundle }, files.dnsNames ?? [], now)
    value.set(servingCertificate({ certificate, privateKey }, bundle, now))
  } catch (error) {
    value.fail(problemOf(files, error))
  }
  report(files, before, value)
}

/** Once for each change, not with every poll. */
function report(
  { certFile, log, metrics }: CertificateFiles,
  before: { readonly current: ServingCertificate | undefined; readonly problem: string | undefined },
  { current, problem }: Watchable<ServingCertificate>,
): void {
  if (problem !== undefined && problem !== before.problem) {
    metrics.certificateRejected()
    log.error(
      { file: certFile },
      `certificate refused, ${current === undefined ? 'there is none yet' : 'the last good one stays'}: ${problem}`,
    )
  } else if (
    problem === undefined &&
    current !== undefined &&
    (current !== before.current || before.problem !== undefined)
  ) {
    metrics.certificateLoaded(current.notAfter, current.caNotAfter)
    log.info({ file: certFile, notAfter: current.notAfter.toISOString() }, 'certificate loaded')
  }
}

function placesOf({ certFile, keyFile, caFile }: CertificateFiles): readonly string[] {
  return [certFile, keyFile, ...(caFile === undefined ? [] : [caFile])]
}

/** Nothing is thrown on: a reading that fails must not be the last one. */
function problemOf(files: CertificateFiles, error: unknown): string {
  const places = `(${placesOf(files).join(', ')})`
  if (error instanceof PkiError) return `${error.message} ${places}`
  const { code, path: file = places, message = String(error) } = error as Partial<NodeJS.ErrnoException>
  if (code === undefined) return `${message} ${places}`
  return code === 'ENOENT' ? `${file} does not exist` : `${file} cannot be read: ${code}`
}

function text(file: string): Promise<string> {
  return readFile(file, 'utf8')
}
