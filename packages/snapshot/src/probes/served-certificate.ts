import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { type BundleVerdict, type Cluster, injectors, type ServedCertificateProbe } from '@proa/doctor'
import { type JsonObject, readWebhookConfiguration } from '@proa/kube'
import { ConnectionError, StatusError } from '@proa/kube-client'
import { chainProblem } from '@proa/pki'
import type { Reader } from '../take/reader.ts'
import { refusalOf } from '../take/refusal.ts'
import { part, text } from '../take/shapes.ts'
import { type Endpoint, endpointsOf } from './endpoints.ts'
import { dial, type Handshake, type HandshakeOptions, shakeHands } from './handshake.ts'

export interface ServedOptions {
  /** Pods are dialled themselves; else through the API server. */
  readonly direct?: boolean | undefined
  readonly now: Date
}

/** A webhook's clientConfig, read; several entries share one. */
interface Target {
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined
  readonly url: string
}

type Outcome = ServedCertificateProbe['outcome']

const HTTPS_PORT = 443

/** A handshake with each Pod behind each injection webhook, and whether the bundles of the webhooks verify what it serves. */
export async function probeServedCertificates(
  reader: Reader,
  cluster: Cluster,
  options: ServedOptions,
): Promise<readonly ServedCertificateProbe[]> {
  const targets = new Map(injectors(cluster).map(({ entry }) => keyed(targetOf(part(entry, 'clientConfig')))))
  const probes = [...targets.values()].map(async (target) => {
    if (target.service === undefined) return [await probeUrl(reader, cluster, target, options)]
    return probeService(reader, cluster, target, options)
  })
  return (await Promise.all(probes)).flat()
}

function targetOf(clientConfig: JsonObject): Target {
  const service = part(clientConfig, 'service')
  if (Object.keys(service).length === 0) return { service: undefined, url: text(clientConfig, 'url') }
  const port = typeof service.port === 'number' && service.port !== 0 ? service.port : HTTPS_PORT
  return { service: { namespace: text(service, 'namespace'), name: text(service, 'name'), port }, url: '' }
}

const keyOf = ({ service, url }: Target): string =>
  service === undefined ? url : `${service.namespace}/${service.name}:${service.port}`

const keyed = (target: Target): [string, Target] => [keyOf(target), target]

async function probeService(
  reader: Reader,
  cluster: Cluster,
  target: Target,
  options: ServedOptions,
): Promise<readonly ServedCertificateProbe[]> {
  const { service } = target
  if (service === undefined) return []
  const ready = endpointsOf(cluster, service).filter((endpoint) => endpoint.ready)
  const probe = { kind: 'served-certificate', service } as const
  if (ready.length === 0) {
    const message = 'there is no ready Pod behind the service'
    return [{ ...probe, outcome: { kind: 'failed', at: 'not-possible', message } }]
  }
  const serverName = `${service.name}.${service.namespace}.svc`
  return Promise.all(
    ready.map(async (endpoint): Promise<ServedCertificateProbe> => {
      const handshake = await reader.run(() => reach(reader, endpoint, serverName, options))
      const pod = endpoint.pod === undefined ? {} : { pod: { ...endpoint.pod, port: endpoint.port } }
      return { ...probe, ...pod, outcome: outcomeOf(handshake, cluster, target, options.now) }
    }),
  )
}

type Reached = Handshake | { readonly kind: 'failed'; readonly at: 'not-possible'; readonly message: string }

async function reach(
  reader: Reader,
  { address, port, pod }: Endpoint,
  serverName: string,
  { direct = false }: ServedOptions,
): Promise<Reached> {
  const options: HandshakeOptions = { serverName, ...reader.wait }
  if (direct) return dialled(address, port, options)
  if (pod === undefined) {
    return {
      kind: 'failed',
      at: 'not-possible',
      message: `${address} is no Pod: it can be reached from the cluster only`,
    }
  }
  try {
    const connection = await reader.client.portForward({ ...pod, port }, reader.wait)
    return await shakeHands(connection, options)
  } catch (error) {
    if (!(error instanceof ConnectionError || error instanceof StatusError)) throw error
    return { kind: 'failed', at: 'not-possible', message: refusalOf(error).message }
  }
}

async function dialled(host: string, port: number, options: HandshakeOptions): Promise<Handshake> {
  try {
    return await shakeHands(await dial(host, port, options), options)
  } catch (error) {
    return { kind: 'failed', at: 'connect', message: messageOf(error) }
  }
}

async function probeUrl(
  reader: Reader,
  cluster: Cluster,
  target: Target,
  { now }: ServedOptions,
): Promise<ServedCertificateProbe> {
  const probe = { kind: 'served-certificate', url: target.url } as const
  if (!URL.canParse(target.url)) {
    const message = `"${target.url}" is no URL`
    return { ...probe, outcome: { kind: 'failed', at: 'resolve', message } }
  }
  const url = new URL(target.url)
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const port = url.port === '' ? HTTPS_PORT : Number(url.port)
  try {
    if (isIP(host) === 0) await lookup(host)
  } catch (error) {
    return { ...probe, outcome: { kind: 'failed', at: 'resolve', message: messageOf(error) } }
  }
  const options = { serverName: isIP(host) === 0 ? host : '', ...reader.wait }
  const handshake = await reader.run(() => dialled(host, port, options))
  return { ...probe, outcome: outcomeOf(handshake, cluster, target, now) }
}

function outcomeOf(reached: Reached, cluster: Cluster, target: Target, now: Date): Outcome {
  return reached.kind === 'failed'
    ? reached
    : { kind: 'served', chain: reached.chain, verifiedBy: verdicts(cluster, target, reached.chain, now) }
}

/** Of every entry that calls this target, whatever else it is for. */
function verdicts(cluster: Cluster, target: Target, chain: string, now: Date): readonly BundleVerdict[] {
  return cluster.all('MutatingWebhookConfiguration').flatMap((object) => {
    const { name, webhooks } = readWebhookConfiguration(object)
    return webhooks.flatMap(({ clientConfig }, index): BundleVerdict[] => {
      if (keyOf(targetOf(clientConfig)) !== keyOf(target)) return []
      return [{ configuration: name, index, ...verdictOf(text(clientConfig, 'caBundle'), chain, now) }]
    })
  })
}

function verdictOf(caBundle: string, chain: string, now: Date): Pick<BundleVerdict, 'verifies' | 'problem'> {
  if (caBundle === '') return { verifies: false, problem: 'the caBundle is empty' }
  const bundle = Buffer.from(caBundle, 'base64').toString('utf8')
  const problem = chainProblem(chain, bundle, now)
  return problem === undefined ? { verifies: true } : { verifies: false, problem }
}

function messageOf(error: unknown): string {
  const { message, code } = error as Error & { code?: string }
  return message === '' ? (code ?? 'no reason given') : message
}
