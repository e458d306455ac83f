import type { CertificateSource, ConfigurationSource } from '../contracts.ts'

/** A part of the server, and what keeps it from serving. */
export interface PartReport {
  readonly ready: boolean
  /** Also where the part is ready: a newer state that is refused while the last good one serves. */
  readonly problem?: string
  readonly [detail: string]: unknown
}

/** What `/readyz` says. */
export interface ReadinessReport {
  readonly ready: boolean
  readonly parts: {
    readonly server: PartReport
    readonly configuration: PartReport
    readonly certificate: PartReport
    /** The injection of a sample Pod through the TLS listener. */
    readonly injection: PartReport
    /** What the API server is told to trust, where that is kept right here. It does not decide: other replicas keep it, too. */
    readonly caBundle?: PartReport
  }
}

export interface ReadinessOptions {
  readonly configurations: ConfigurationSource
  readonly certificates: CertificateSource
  readonly state: () => 'starting' | 'serving' | 'draining'
  /** What keeps the caBundle from being right; undefined: it is not kept here. */
  readonly caBundle?: { readonly problem: string | undefined } | undefined
  /** Tries all of it; what is wrong, or undefined. */
  readonly verify: () => Promise<string | undefined>
  /** Milliseconds. */
  readonly now: () => number
}

export interface Readiness {
  report(): Promise<ReadinessReport>
}

/** Milliseconds for which a good result counts while nothing changes. A kubelet asks about every 10 s. */
const GOOD_FOR = 30_000

interface Verification {
  readonly subject: string
  readonly at: number
  readonly problem: string | undefined
}

/**
 * Ready is what is proven: the sample Pod was injected with the configuration and the certificate that are in force now. A good
 * proof counts until one of them changes, or grows old; a bad one is tried again whenever somebody asks.
 */
export function createReadiness(options: ReadinessOptions): Readiness {
  const { configurations, certificates, caBundle, state, verify, now } = options
  let last: Verification | undefined
  let running: Promise<Verification> | undefined
  const certificateIds = new WeakMap<object, number>()
  let nextId = 1
  const subjectOf = (): string => {
    const certificate = certificates.current
    if (certificate !== undefined && !certificateIds.has(certificate)) certificateIds.set(certificate, nextId++)
    const id = certificate === undefined ? 0 : certificateIds.get(certificate)
    return `${configurations.current?.generation ?? 0}/${id}`
  }
  const isGood = (one: Verification | undefined): one is Verification =>
    one !== undefined && one.problem === undefined && one.subject === subjectOf() && now() - one.at < GOOD_FOR
  const verified = async (): Promise<Verification> => {
    if (isGood(last)) return last
    running ??= (async () => {
      const subject = subjectOf()
      const problem = await verify()
      last = { subject, at: now(), problem }
      running = undefined
      return last
    })()
    const result = await running
    // It changed on the way: what was proven is the past.
    return result.subject === subjectOf() ? result : verified()
  }
  return {
    async report() {
      const parts = partsOf(configurations, certificates, state(), now())
      const canTry = parts.configuration.ready && parts.certificate.ready && parts.server.ready
      const problem = canTry ? (await verified()).problem : 'not tried: something before it is not ready'
      const injection = problem === undefined ? { ready: true } : { ready: false, problem }
      // Draining may have begun while the sample was on its way.
      const server = serverPart(state())
      const ready = server.ready && canTry && injection.ready
      const kept = caBundle === undefined ? {} : { caBundle: part(true, caBundle.problem) }
      return { ready, parts: { ...parts, server, injection, ...kept } }
    },
  }
}

function partsOf(
  configurations: ConfigurationSource,
  certificates: CertificateSource,
  state: ReturnType<ReadinessOptions['state']>,
  now: number,
): Omit<ReadinessReport['parts'], 'injection'> {
  const configuration = configurations.current
  const certificate = certificates.current
  return {
    server: serverPart(state),
    configuration: {
      ...part(configuration !== undefined, configurations.problem ?? (configuration ? undefined : 'there is none yet')),
      ...(configuration === undefined ? {} : { generation: configuration.generation }),
    },
    certificate: {
      ...part(
        certificate !== undefined && certificate.notAfter.getTime() > now,
        certificates.problem ?? certificateProblem(certificate?.notAfter, now),
      ),
      ...(certificate === undefined ? {} : { notAfter: certificate.notAfter.toISOString() }),
      ...(certificate?.caNotAfter === undefined ? {} : { caNotAfter: certificate.caNotAfter.toISOString() }),
    },
  }
}

function certificateProblem(notAfter: Date | undefined, now: number): string | undefined {
  if (notAfter === undefined) return 'there is none yet'
  return notAfter.getTime() > now ? undefined : `it ended ${notAfter.toISOString()}`
}

function serverPart(state: ReturnType<ReadinessOptions['state']>): PartReport {
  return { ready: state === 'serving', state }
}

function part(ready: boolean, problem: string | undefined): PartReport {
  return problem === undefined ? { ready } : { ready, problem }
}
